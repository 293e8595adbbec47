"""Who was there, what they held and what waited, per half hour: `agent_concurrency_30min`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.oracle.calendars import midnight, next_period
from tests.oracle.durations import Interval, clipped, in_unit, total
from tests.oracle.numbers import present, total_known
from tests.oracle.periods import MATURITY, dense_periods

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from fractions import Fraction

    from tests.oracle.periods import Facts
    from tests.oracle.reading import Reading
    from tests.oracle.rows import Row, Rows

HALF_HOUR = timedelta(minutes=30)


def half_hour_rows(reading: Reading) -> Rows:
    """Return a row per half hour of every day that has events or lies between two."""
    facts = reading.facts
    shifts, available = on_shift(reading), on_shift(reading, "available")
    held, queued = holding(facts), queueing(facts)
    rows: Rows = {}
    for day, start in half_hours(facts):
        end = start + HALF_HOUR
        came = [s for s in facts.sessions if s.escalated_at and start <= s.escalated_at < end]
        lengths = [session.handle_seconds for session in came]
        row: Row = {
            "event_date": day,
            "on_shift_agents": mean(shifts, start),
            "available_agents": mean(available, start),
            "held_sessions": mean(held, start),
            "queue_length": mean(queued, start),
            "arrivals": len(came),
            "abandonments": sum(session.outcome == "queue_abandoned" for session in came),
            "handled_arrivals": len(present(lengths)),
            "handle_seconds": total_known(lengths),
            "is_complete": end <= facts.as_of,
            "is_mature": end + MATURITY <= facts.as_of,
        }
        rows[start,] = row
    return rows


def half_hours(facts: Facts) -> Iterator[tuple[date, datetime]]:
    """Yield local day and start of each; days of 23 and 25 hours have 46 and 50."""
    for day in dense_periods(facts, "day"):
        start = midnight(day, facts.zone)
        while start + HALF_HOUR <= midnight(next_period(day, "day"), facts.zone):
            yield day, start
            start += HALF_HOUR


def mean(intervals: list[Interval], start: datetime) -> Fraction:
    """Return how many of the intervals there were on average in the half hour from `start`."""
    return in_unit(total(clipped(intervals, start, start + HALF_HOUR)), HALF_HOUR)


def on_shift(reading: Reading, *categories: str) -> list[Interval]:
    """Return the time agents were there, in these categories of status or in any."""
    return [
        (status.started_at, status.ended_at or reading.facts.as_of)
        for shift in reading.shifts
        for status in shift.statuses
        if not categories or status.category in categories
    ]


def holding(facts: Facts) -> list[Interval]:
    """Return the time sessions were held."""
    return [
        (handling.started_at, handling.ended_at or facts.as_of)
        for session in facts.sessions
        for handling in session.handlings
    ]


def queueing(facts: Facts) -> list[Interval]:
    """Return the time between first escalation and first takeover, or the end without one."""
    waits = []
    for session in facts.sessions:
        if session.escalated_at:
            taken = session.handlings[0].started_at if session.handlings else session.ended_at
            waits.append((session.escalated_at, taken or facts.as_of))
    return [(start, end) for start, end in waits if start < end]
