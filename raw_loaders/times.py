"""Times of events: RFC 3339 with an offset, as microseconds since 2000-01-01 UTC.

That is how Postgres stores a timestamptz, so they enter the binary COPY as they are.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# Every offset in use is a multiple of this, so a local day starts on one of its multiples.
QUARTER_HOUR = 900_000_000
# How far ahead of the load a producer's clock may be.
FUTURE_TOLERANCE = timedelta(hours=1)

# Date, time, second, fraction, offset; a second may be the leap one.
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ]((?:[01]\d|2[0-3]):[0-5]\d):([0-5]\d|60)(?:\.(\d+))?"
    r"(?:[Zz]|([+-])([01]\d|2[0-3]):?([0-5]\d))",
    re.ASCII,
)
# What JavaScript writes, which is most of it: read by Python itself, ten times as fast.
_PLAIN = re.compile(r"[12]\d{3}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z", re.ASCII)
# Leap seconds are inserted at midnight UTC, so at 59, 29 or 14 minutes somewhere.
_LEAP_MINUTES = (":59", ":29", ":44", ":14")


def to_micros(moment: datetime) -> int:
    """Microseconds since 2000-01-01 UTC of an aware datetime."""
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Inverse of `to_micros`, in UTC."""
    return EPOCH + timedelta(microseconds=micros)


def parse_time(text: str) -> int | None:
    """Microseconds since 2000-01-01 UTC, or None when it is no RFC 3339 time with offset.

    Lower case t and z, a space for the T and an offset without a colon are taken; more than
    six fractional digits are rounded; a leap second is the first instant after it; year 0
    counts as year 1, as both are too old.
    """
    if _PLAIN.fullmatch(text):
        try:
            return (datetime.fromisoformat(text) - EPOCH) // MICROSECOND
        except ValueError:
            return None
    match = _RFC3339.fullmatch(text)
    if match is None:
        return None
    day, clock, second, fraction, sign, hours, minutes = match.groups()
    is_leap = second == "60"
    if is_leap and not clock.endswith(_LEAP_MINUTES):
        return None
    try:
        local = datetime.fromisoformat(f"{day.replace('0000', '0001', 1)}T{clock}:00+00:00")
    except ValueError:
        return None
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    whole = (local - EPOCH - (-offset if sign == "-" else offset)) // MICROSECOND
    nanos = 0 if is_leap else int((fraction or "0")[:9].ljust(9, "0"))
    return whole + int(second) * 1_000_000 + (nanos + 500) // 1000


class LocalDays:
    """Local days of a time zone, remembered by the quarter of an hour."""

    def __init__(self, timezone: ZoneInfo) -> None:
        self._timezone = timezone
        self._days: dict[int, date] = {}

    def of_quarter(self, quarter: int) -> date:
        """Local day of the quarter of an hour that starts at `quarter` * QUARTER_HOUR."""
        day = self._days.get(quarter)
        if day is None:
            day = from_micros(quarter * QUARTER_HOUR).astimezone(self._timezone).date()
            self._days[quarter] = day
        return day
