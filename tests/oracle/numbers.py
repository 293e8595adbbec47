"""Rates, averages and percentiles that never divide by zero and never round."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Number = int | Fraction


def rate(numerator: Number, denominator: Number) -> Fraction | None:
    """Divide; nothing of nothing is None."""
    return Fraction(numerator) / denominator if denominator else None


def average(values: Sequence[Number]) -> Fraction | None:
    """Return the mean of rows."""
    return rate(sum(values, Fraction()), len(values))


def percentile(values: Iterable[Number], percent: int) -> Fraction | None:
    """Interpolate linearly between the two rows around the rank, as percentile_cont does."""
    ordered = sorted(values)
    if not ordered:
        return None
    rank = Fraction(percent, 100) * (len(ordered) - 1)
    below = int(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (rank - below) * Fraction(ordered[above] - ordered[below])


def present(values: Iterable[Fraction | None]) -> list[Fraction]:
    """Keep what is not NULL."""
    return [value for value in values if value is not None]
