"""One ticket's life, from its creation over pauses and reopenings to its closing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.samples.centres import (
    PRIORITIES,
    TICKET_DESK,
    TICKET_SOURCES,
    TICKET_TYPES,
    Event,
)
from orchestration.samples.draws import Choice, spread
from orchestration.samples.rosters import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

_SOURCE, _TYPE, _PRIORITY = Choice(TICKET_SOURCES), Choice(TICKET_TYPES), Choice(PRIORITIES)
# Median hours until somebody acts, and of the work after that.
_HOURS = {"low": (6, 20), "normal": (3, 9), "high": (1.5, 4), "urgent": (0.4, 1.8), None: (3, 12)}
PAUSED_SHARE = 0.25
REOPENED_SHARE = 0.08
CLOSED_SHARE = 0.85


class Ticket:
    """A ticket as it unfolds; the rest of its life may lie after the sample's end."""

    def __init__(
        self, rng: Random, at_ms: int, agent_id: str | None, session_id: str | None
    ) -> None:
        self.events: list[Event] = []
        self._rng, self._at, self._created = rng, at_ms, at_ms
        self._ticket_id = f"T{rng.getrandbits(40):010x}"
        self._agent_id = agent_id
        self._session_id = session_id
        self._status = "open"
        self._priority = _PRIORITY.draw(rng)

    def unfold(self) -> Ticket:
        """Let the whole ticket happen."""
        rng = self._rng
        self._create()
        response, work = _HOURS[self._priority]
        if self._agent_id:
            self._wait(response / 3)
            data = {"from_agent_id": None, "to_agent_id": self._agent_id}
            self._emit("ticket.assigned", data)
        self._move(response, "in_progress")
        if rng.random() < PAUSED_SHARE:
            self._move(work / 3, "waiting_customer" if rng.random() < 0.7 else "on_hold")
            self._move(10, "in_progress")
        self._move(work, "resolved")
        if rng.random() < REOPENED_SHARE:
            self._move(26, "reopened")
            self._move(work, "resolved")
        if rng.random() < CLOSED_SHARE:
            self._close()
        return self

    def _emit(self, name: str, data: Mapping[str, object]) -> None:
        data = {"ticket_id": self._ticket_id, **data}
        self.events.append(Event(self._at, TICKET_DESK, name, data))

    def _wait(self, median_hours: float) -> None:
        self._at += round(spread(self._rng, median_hours, 0.8) * HOUR_MS)

    def _create(self) -> None:
        data: dict[str, object] = {
            "source": "session" if self._session_id else _SOURCE.draw(self._rng),
            "type": _TYPE.draw(self._rng),
            "priority": self._priority,
            "agent_id": self._agent_id,
            "session_id": self._session_id,
        }
        self._emit("ticket.created", data)

    def _move(self, median_hours: float, status: str) -> None:
        self._wait(median_hours)
        data = {"from_status": self._status, "to_status": status, "agent_id": self._agent_id}
        self._emit("ticket.status_changed", data)
        self._status = status

    def _close(self) -> None:
        self._wait(18)
        hours = (self._at - self._created) / HOUR_MS
        # What the desk says of itself: it forgets the reopenings and rounds in its favour.
        data = {"resolution_duration_hours": round(hours, 1), "sla_met": self._rng.random() < 0.97}
        self._emit("ticket.closed", data)
