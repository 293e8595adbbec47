"""Percentiles, and tables on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

QUANTILES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}


def summary(values: Sequence[float], digits: int = 1) -> dict[str, float]:
    """Return p50, p99, p99.9 and the maximum, in the values' unit."""
    ordered = sorted(values)
    figures = {
        name: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], digits)
        for name, share in QUANTILES.items()
    }
    return {**figures, "max": round(ordered[-1], digits)}


def steady(values: Sequence[float], window: int, share: float, digits: int = 1) -> float:
    """Return the median over windows of as many values of a quantile in each.

    What happens once in some seconds, as a full collection of garbage (25 ms) does with tracking
    and without, is in the one or two windows it falls into and not in the figure.
    """
    windows = [sorted(values[at : at + window]) for at in range(0, len(values), window)]
    whole = [each for each in windows if len(each) == window]
    return round(median(each[int(window * share)] for each in whole), digits)


def print_table(title: str, rows: Sequence[dict[str, object]]) -> None:
    """Print rows under the names of the first one's columns."""
    names = list(rows[0])
    cells = [names, *([str(row[name]) for name in names] for row in rows)]
    widths = [max(len(row[number]) for row in cells) for number in range(len(names))]
    print(f"\n{title}")
    for row in cells:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))
