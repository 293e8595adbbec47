"""Landed support events as values, and the one order that every rule relies on."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

# Rank of each type among events of the same instant; everything else is 17.
TYPE_RANKS = {
    "agent.login": 0,
    "session.start": 1,
    "query.order": 3,
    "query.tracking": 3,
    "api.coze_call": 4,
    "api.error": 4,
    "session.escalate": 6,
    "agent.session_takeover": 7,
    "agent.session_message": 8,
    "agent.session_transfer": 9,
    "agent.session_release": 10,
    "ticket.created": 11,
    "ticket.assigned": 12,
    "ticket.status_changed": 13,
    "ticket.closed": 14,
    "agent.status_change": 15,
    "session.end": 16,
    "agent.logout": 18,
}
OTHER_RANK = 17
MESSAGE_RANKS = {"user": 2, "ai": 5}


@dataclass(frozen=True, slots=True)
class Event:
    """One landed event: its envelope, its entity keys, and the fields that were valid."""

    occurred_at: datetime
    name: str
    producer: str
    event_id: str
    session_id: str | None = None
    agent_id: str | None = None
    ticket_id: str | None = None
    boot: str | None = None
    sequence: int | None = None
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def rank(self) -> int:
        """The type's place among events of one instant."""
        if self.name == "session.message":
            return MESSAGE_RANKS[str(self.data["role"])]
        return TYPE_RANKS.get(self.name, OTHER_RANK)

    def text(self, key: str) -> str | None:
        """Return a text field; an absent or empty one is None."""
        value = self.data.get(key)
        return value if isinstance(value, str) and value else None

    def number(self, key: str) -> Fraction | None:
        """Return a numeric field exactly as its decimal digits say."""
        value = self.data.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return Fraction(str(value))

    def flag(self, key: str) -> bool | None:
        """Return a boolean field."""
        value = self.data.get(key)
        return value if isinstance(value, bool) else None

    def is_customer_message(self) -> bool:
        """Whether the customer wrote it."""
        return self.name == "session.message" and self.data["role"] == "user"

    def is_ai_message(self) -> bool:
        """Whether the AI wrote it."""
        return self.name == "session.message" and self.data["role"] == "ai"


def order_key(event: Event) -> tuple[object, ...]:
    """Order of one entity's events: time, rank, sequence (NULL last), id, source in bytes."""
    return (
        event.occurred_at,
        event.rank,
        event.sequence is None,
        event.sequence or 0,
        event.event_id.encode(),
        event.producer.encode(),
    )


def without_copies(events: Iterable[Event]) -> list[Event]:
    """Keep one event per (source, id), in order."""
    unique = {(event.producer, event.event_id): event for event in events}
    return sorted(unique.values(), key=order_key)


def grouped(events: Iterable[Event], key: Callable[[Event], str | None]) -> dict[str, list[Event]]:
    """Group events by `key`, each group in order; events without a key are left out."""
    groups: dict[str, list[Event]] = {}
    for event in sorted(events, key=order_key):
        value = key(event)
        if value is not None:
            groups.setdefault(value, []).append(event)
    return groups


def first(events: Iterable[Event], *names: str) -> Event | None:
    """Return the first event with one of these names, of events in order."""
    return next((event for event in events if event.name in names), None)


def last(events: list[Event], *names: str) -> Event | None:
    """Return the last event with one of these names, of events in order."""
    return first(reversed(events), *names)
