"""Exact lengths of time: differences in microseconds, converted to a unit once."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

MICROSECOND = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

# A half-open interval [start, end) of UTC instants.
Interval = tuple[datetime, datetime]


def in_unit(length: timedelta, unit: timedelta) -> Fraction:
    """Return `length` in units of `unit`, exactly."""
    return Fraction(length // MICROSECOND, unit // MICROSECOND)


def total(intervals: list[Interval]) -> timedelta:
    """Add up lengths; overlaps count as often as they occur."""
    return sum((end - start for start, end in intervals), timedelta())


def clipped(intervals: list[Interval], start: datetime, end: datetime) -> list[Interval]:
    """Keep of each interval what lies inside [start, end), if anything does."""
    inside = [(max(left, start), min(right, end)) for left, right in intervals]
    return [(left, right) for left, right in inside if left < right]


def union(intervals: list[Interval]) -> list[Interval]:
    """Merge overlapping and touching intervals into disjoint ones, in order."""
    merged: list[Interval] = []
    for left, right in sorted(intervals):
        if merged and left <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(right, merged[-1][1]))
        else:
            merged.append((left, right))
    return merged
