"""Which sessions, events and tickets belong to which period, site and channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from tests.oracle.calendars import (
    Grain,
    local_date,
    midnight,
    next_period,
    period_start,
    periods,
)
from tests.oracle.event_kpis import event_numbers, ticket_numbers
from tests.oracle.kpis import session_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tests.oracle.events import Event
    from tests.oracle.numbers import Row
    from tests.oracle.sessions import Session
    from tests.oracle.tickets import Ticket

By = Literal["all", "site", "channel"]
UNKNOWN = "unknown"
MATURITY = timedelta(hours=72)

# First day of a period, and the site or channel ("" where a table has neither).
Key = tuple[date, str]


@dataclass(frozen=True)
class Facts:
    """Everything that period tables count, and the zone and instant they count in."""

    events: list[Event]
    sessions: list[Session]
    tickets: list[Ticket]
    as_of: datetime
    zone: ZoneInfo


@dataclass
class Slice:
    """What one row counts: sessions by start, events by their time, tickets by both dates."""

    sessions: list[Session] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    created: list[Ticket] = field(default_factory=list)
    resolved: list[Ticket] = field(default_factory=list)

    def kpis(self) -> Row:
        """Compute every KPI of the row."""
        return {
            **session_numbers(self.sessions),
            **event_numbers(self.events),
            **ticket_numbers(self.created, self.resolved),
        }


def is_complete(start: date, grain: Grain, facts: Facts) -> bool:
    """Whether the period is over by as_of."""
    return midnight(next_period(start, grain), facts.zone) <= facts.as_of


def is_mature(start: date, grain: Grain, facts: Facts) -> bool:
    """Whether it has been over for 72 hours."""
    return midnight(next_period(start, grain), facts.zone) + MATURITY <= facts.as_of


def dense_periods(facts: Facts, grain: Grain) -> list[date]:
    """Return every period from the day of the first landed event to that of the last."""
    days = [local_date(event.occurred_at, facts.zone) for event in facts.events]
    return list(periods(min(days), max(days), grain)) if days else []


def slices(facts: Facts, grain: Grain, by: By) -> dict[Key, Slice]:
    """Deal everything out; every period meets every value that occurs anywhere."""
    values = {s.session_id: value_of(s, by) for s in facts.sessions}
    parts: dict[Key, Slice] = {}

    def part(day: date, session_id: str | None) -> Slice:
        known = values.get(session_id, UNKNOWN) if session_id else UNKNOWN
        key = (period_start(day, grain), "" if by == "all" else known)
        return parts.setdefault(key, Slice())

    for session in facts.sessions:
        part(session.started_date, session.session_id).sessions.append(session)
    for event in countable(facts.events):
        part(local_date(event.occurred_at, facts.zone), event.session_id).events.append(event)
    for ticket in facts.tickets:
        part(ticket.created_date, ticket.session_id).created.append(ticket)
        if ticket.resolved_at:
            day = local_date(ticket.resolved_at, facts.zone)
            part(day, ticket.session_id).resolved.append(ticket)
    occurring = {value for _, value in parts} if by != "all" else {""}
    dense = {(start, value) for start in dense_periods(facts, grain) for value in occurring}
    return {key: parts.get(key, Slice()) for key in sorted(dense | parts.keys())}


def value_of(session: Session, by: By) -> str:
    """Return the session's site or channel."""
    return (session.site if by == "site" else session.channel) or UNKNOWN


COUNTED = (
    "session.message",
    "agent.session_message",
    "query.order",
    "query.tracking",
    "api.coze_call",
    "api.error",
)


def countable(events: Iterable[Event]) -> list[Event]:
    """Return the events that a KPI counts as such."""
    return [event for event in events if event.name in COUNTED]
