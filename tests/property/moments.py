"""Draws of times on and a hair beside every boundary that a rule names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.oracle.durations import HOUR, MICROSECOND, MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

# Everything begins on this lattice, so that boundaries of many entities fall on one instant.
LATTICE = 30 * MINUTE

# Between steps of a session: ties, clock skew (5 s), retries (60 s), the time-out (30 min).
SESSION_GAPS = (
    *(timedelta(),) * 4,
    SECOND,
    *(5 * SECOND,) * 2,
    20 * SECOND,
    30 * SECOND,
    *(60 * SECOND,) * 2,
    5 * MINUTE,
    *(30 * MINUTE,) * 2,
    -5 * SECOND,
    3 * HOUR,
)
# Between evidence of an agent: silences of 4 h and 16 h.
AGENT_GAPS = (
    timedelta(),
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    *(4 * HOUR,) * 2,
    8 * HOUR,
    *(16 * HOUR,) * 2,
)
# Between events of a ticket: sums of these meet the default targets of 1, 4, 8, 24 and 72 h.
TICKET_GAPS = (
    timedelta(),
    30 * MINUTE,
    *(HOUR,) * 3,
    3 * HOUR,
    *(4 * HOUR,) * 2,
    8 * HOUR,
    24 * HOUR,
    48 * HOUR,
)
# What a deadline may lie after an event, for instants at which to build.
DEADLINES = (
    timedelta(),
    *(30 * MINUTE,) * 3,
    *(HOUR * hours for hours in (1, 4, 8, 16, 24, 72)),
    5 * SECOND,
)
HAIR = 0.3


@dataclass(frozen=True)
class Epoch:
    """A stretch of days in which everything happens, and the business time zone."""

    name: str
    start: datetime
    zone: str
    days: int = 8


def epoch(name: str, start: str, zone: str) -> Epoch:
    """Name an epoch by its first day."""
    return Epoch(name, datetime.fromisoformat(start).replace(tzinfo=UTC), zone)


EPOCHS = (
    epoch("to summer time", "2025-03-26", "Europe/Berlin"),
    epoch("to winter time", "2025-10-22", "Europe/Berlin"),
    epoch("over the year", "2024-12-27", "Asia/Shanghai"),
    epoch("to summer time, west", "2025-03-05", "America/New_York"),
    epoch("half an hour off", "2025-01-28", "Asia/Kolkata"),
    epoch("no daylight saving", "2026-01-27", "UTC"),
)


def near(random: Random, length: timedelta) -> timedelta:
    """Return the length itself or, at times, a microsecond less or more."""
    if random.random() < HAIR:
        return length + random.choice((-MICROSECOND, MICROSECOND))
    return length


def gap(random: Random, gaps: Sequence[timedelta]) -> timedelta:
    """Draw a gap between two steps."""
    return near(random, random.choice(gaps))


def begin(random: Random, epoch: Epoch) -> datetime:
    """Draw an instant on the lattice of the epoch, at times beside it; midnights are likely."""
    steps = epoch.days * (24 * HOUR // LATTICE)
    lattice = epoch.start + random.randrange(steps) * LATTICE
    if random.random() < HAIR:
        lattice = lattice.replace(hour=random.choice((22, 23, 16, 5, 0)), minute=0)
    return lattice + near(random, timedelta())
