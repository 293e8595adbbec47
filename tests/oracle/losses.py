"""Events that never arrived, per producer and local day, from gaps in their sequence."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from tests.oracle.calendars import local_date

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date
    from zoneinfo import ZoneInfo

    from tests.oracle.events import Event

# Standard normal quantile of a one-sided 95 % bound.
QUANTILE = 1.645

# (producer, boot, sequence) of a rejected line whose sequence could be read.
Rejected = tuple[str, str | None, int]


@dataclass
class Loss:
    """One producer's day; `expected_events` is None where no sequence landed."""

    producer: str
    event_date: date
    lost_events: int = 0
    expected_events: int | None = None

    @property
    def loss_rate(self) -> float | None:
        """Share of the expected events that are lost."""
        return self.lost_events / self.expected_events if self.expected_events else None

    @property
    def loss_rate_upper_95(self) -> float | None:
        """One-sided Poisson bound by Wilson and Hilferty, with k = lost + 1."""
        if not self.expected_events:
            return None
        k = self.lost_events + 1
        bound: float = k * (1 - 1 / (9 * k) + QUANTILE / (3 * sqrt(k))) ** 3
        return bound / self.expected_events


def read_losses(
    events: Iterable[Event], rejected: Collection[Rejected], zone: ZoneInfo
) -> dict[tuple[str, date], Loss]:
    """Count, per (producer, boot), what is missing between the least and greatest sequence.

    Each gap belongs to the day of the next event that landed. A rejected sequence inside
    is expected, and not lost.
    """
    losses: dict[tuple[str, date], Loss] = {}
    landed: dict[tuple[str, str | None], dict[int, date]] = defaultdict(dict)
    for event in events:
        day = local_date(event.occurred_at, zone)
        losses.setdefault((event.producer, day), Loss(event.producer, day))
        if event.sequence is not None:
            days = landed[event.producer, event.boot]
            days[event.sequence] = min(day, days.get(event.sequence, day))
    for (producer, boot), days in landed.items():
        unusable = {s for p, b, s in rejected if (p, b) == (producer, boot)} - days.keys()
        before = min(days) - 1
        for sequence in sorted(days):
            loss = losses[producer, days[sequence]]
            gap = sequence - before - 1
            loss.expected_events = (loss.expected_events or 0) + gap + 1
            loss.lost_events += gap - sum(before < s < sequence for s in unusable)
            before = sequence
    return losses
