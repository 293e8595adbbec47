"""Rates, averages and percentiles that never divide by zero and never round."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Number = int | Fraction
Value = Number | None
Row = dict[str, Value]


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


def distribution(name: str, values: Iterable[Fraction | None], *percents: int) -> Row:
    """Return average and percentiles over rows that have a value."""
    rows = present(values)
    percentiles: Row = {f"{name}_p{percent}": percentile(rows, percent) for percent in percents}
    return {f"{name}_avg": average(rows), **percentiles}


def total_known(values: Iterable[Fraction | None]) -> Fraction | None:
    """Add up what is not NULL; nothing known is None, not 0."""
    known = present(values)
    return sum(known, Fraction()) if known else None
