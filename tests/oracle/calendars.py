"""Local days, weeks and months of the business time zone, and its business hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from tests.oracle.durations import Interval, clipped

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from tests.oracle.assumptions import Assumptions

Grain = Literal["day", "week", "month"]
DAY = timedelta(days=1)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """Return the local day an instant falls on; a day is half-open."""
    return moment.astimezone(zone).date()


def period_start(day: date, grain: Grain) -> date:
    """Return the first day of the day's period: itself, its ISO Monday, its month's first."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def next_period(start: date, grain: Grain) -> date:
    """Return the first day of the period that follows."""
    if grain == "month":
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=7 if grain == "week" else 1)


def periods(first_day: date, last_day: date, grain: Grain) -> Iterator[date]:
    """Yield the start of every period that the days from first to last touch."""
    start = period_start(first_day, grain)
    while start <= last_day:
        yield start
        start = next_period(start, grain)


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a local wall clock time."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant a local day begins."""
    return instant(day, time(), zone)


def within_business_hours(
    intervals: list[Interval], assumptions: Assumptions, zone: ZoneInfo
) -> list[Interval]:
    """Return the parts of `intervals` inside the business hours of days that are no holidays."""
    inside: list[Interval] = []
    for start, end in intervals:
        day = local_date(start, zone)
        while day <= local_date(end, zone):
            windows = assumptions.business_hours.get(day.isoweekday(), [])
            for opens, closes in windows if day not in assumptions.holidays else []:
                open_at, closed_at = (instant(day, clock, zone) for clock in (opens, closes))
                inside += clipped([(start, end)], open_at, closed_at)
            day += DAY
    return inside
