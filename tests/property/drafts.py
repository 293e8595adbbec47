"""An event before it is sent: what the reading is to see, and what the line says besides."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from tests.oracle.events import Event

if TYPE_CHECKING:
    from random import Random

# Values that break the type of any field that carries them.
BROKEN: tuple[object, ...] = ("", None, {"nested": 1}, [1])
OFFSETS = tuple(timezone(timedelta(minutes=minutes)) for minutes in (0, 480, -300, 330))


@dataclass
class Draft:
    """One event in the making; `broken` fields are sent but must read as NULL.

    A rejected draft lands nowhere: its data is no object.
    """

    occurred_at: datetime
    name: str
    session_id: str | None = None
    agent_id: str | None = None
    ticket_id: str | None = None
    data: dict[str, object] = field(default_factory=dict)
    broken: dict[str, object] = field(default_factory=dict)
    producer: str = ""
    event_id: str = ""
    boot: str | None = None
    sequence: int | None = None
    is_rejected: bool = False

    def event(self) -> Event:
        """Return what lands."""
        return Event(
            self.occurred_at,
            self.name,
            self.producer,
            self.event_id,
            self.session_id,
            self.agent_id,
            self.ticket_id,
            self.boot,
            self.sequence,
            self.data,
        )

    def line(self, offset: timezone) -> str:
        """Return the CloudEvent as it is sent, its time in some offset."""
        keys = {
            "session_id": self.session_id,
            "agent_id": self.agent_id,
            "ticket_id": self.ticket_id,
        }
        data = {**{k: v for k, v in keys.items() if v is not None}, **self.data, **self.broken}
        envelope: dict[str, object] = {
            "specversion": "1.0",
            "id": self.event_id,
            "source": self.producer,
            "type": self.name,
            "time": self.occurred_at.astimezone(offset).isoformat(),
            "data": "spoiled" if self.is_rejected else data,
        }
        if self.boot is not None:
            envelope["boot"] = self.boot
        if self.sequence is not None:
            envelope["sequence"] = f"{self.sequence:06}"
        return json.dumps(envelope, ensure_ascii=False)


def some(random: Random, **fields: object) -> dict[str, object]:
    """Keep each optional field with three chances in four."""
    return {name: value for name, value in fields.items() if random.random() < 0.75}


def break_some(random: Random, draft: Draft, optional: tuple[str, ...]) -> None:
    """Send, now and then, one absent optional field with a value that is none."""
    absent = [name for name in optional if name not in draft.data]
    if absent and random.random() < 0.2:
        draft.broken[random.choice(absent)] = random.choice(BROKEN)


def sent_as(event: Event) -> Draft:
    """Return the draft that lands as this event."""
    return Draft(
        event.occurred_at,
        event.name,
        event.session_id,
        event.agent_id,
        event.ticket_id,
        dict(event.data),
        {},
        event.producer,
        event.event_id,
        event.boot,
        event.sequence,
    )
