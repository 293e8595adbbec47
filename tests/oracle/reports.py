"""What producers say of a whole, held against its parts, and how clocks disagree.

For `data_quality_daily`: counts per producer and the local day the whole began.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from tests.oracle.calendars import local_date
from tests.oracle.events import first, last
from tests.oracle.numbers import Number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from fractions import Fraction

    from tests.oracle.events import Event
    from tests.oracle.reading import Reading
    from tests.oracle.sessions import Session
    from tests.oracle.shifts import Shift
    from tests.oracle.tickets import Ticket

# Clocks and roundings differ by so much: seconds, and of what is reported in minutes or hours.
TOLERANCE_SECONDS = 5
TOLERANCE_MINUTES = 1

# Column of the mart, producer, local day.
Found = tuple[str, str, "date"]


def quality_counts(reading: Reading) -> dict[tuple[str, date], Counter[str]]:
    """Count per producer and day: landed events, skewed sessions, reports that do not fit."""
    counts: dict[tuple[str, date], Counter[str]] = defaultdict(Counter)
    for column, producer, day in found_in(reading):
        counts[producer, day][column] += 1
    return counts


def found_in(reading: Reading) -> Iterator[Found]:
    """Yield one of each for a row of the mart to count."""
    for event in reading.facts.events:
        yield "landed_count", event.producer, local_date(event.occurred_at, reading.facts.zone)
    for session in reading.facts.sessions:
        if is_skewed(session) and session.escalation:
            yield "skewed_count", session.escalation.producer, session.started_date
        yield from differing("session", session.started_date, session_reports(session))
    for shift in reading.shifts:
        yield from differing("shift", shift.started_date, shift_reports(shift))
    for ticket in reading.facts.tickets:
        yield from differing("ticket", ticket.created_date, ticket_reports(ticket))


def differing(
    what: str, day: date, reports: list[tuple[Event | None, bool | None]]
) -> Iterator[Found]:
    """Yield each report that was held against a count and does not fit."""
    for event, is_disagreement in reports:
        if event is not None and is_disagreement:
            yield f"{what}_disagreement_count", event.producer, day


def is_skewed(session: Session) -> bool:
    """Whether an answer came before its question by more than clocks may differ."""
    is_taken_before = bool(session.handlings) and session.queue_wait_seconds is None
    is_answered_before = (
        session.agent_message_count > 0 and session.customer_first_response_seconds is None
    )
    return is_taken_before or is_answered_before


def is_off(reported: Fraction | None, counted: Number | None, tolerance: int) -> bool | None:
    """Whether two numbers differ by more than a tolerance; None where one is missing."""
    if reported is None or counted is None:
        return None
    return abs(reported - counted) > tolerance


def session_reports(session: Session) -> list[tuple[Event | None, bool | None]]:
    """Hold the last session.end against the session, once that has ended."""
    end = last(session.events, "session.end")
    if end is None or session.ended_at is None:
        return []
    outcomes = {"ai": "ai_resolved", "human": "human"}
    outcome = outcomes.get(end.text("resolved_by") or "")
    return [
        (end, is_off(end.number("duration_seconds"), session.duration_seconds, TOLERANCE_SECONDS)),
        (end, is_off(end.number("message_count"), session.message_count, 0)),
        (end, None if outcome is None else session.outcome != outcome),
    ]


def shift_reports(shift: Shift) -> list[tuple[Event | None, bool | None]]:
    """Hold the logout that closes a shift against it."""
    logout = first(shift.events, "agent.logout")
    return [
        (logout, is_off(shift.reported_work_minutes, shift.shift_minutes, TOLERANCE_MINUTES)),
        (logout, is_off(shift.reported_sessions_handled, shift.sessions_handled, 0)),
    ]


def ticket_reports(ticket: Ticket) -> list[tuple[Event | None, bool | None]]:
    """Hold the last ticket.closed against the ticket."""
    closed = last(ticket.events, "ticket.closed")
    reported, counted = ticket.reported_resolution_hours, ticket.resolution_hours
    is_long = None if reported is None or counted is None else abs(reported - counted) * 60
    return [
        (closed, None if is_long is None else is_long > TOLERANCE_MINUTES),
        (closed, ticket.is_sla_disagreement),
    ]
