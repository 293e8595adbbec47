"""Hold rows against rows, cell by cell; numbers are equal to nine digits, times exactly."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle.rows import Rows

# The warehouse divides in double precision or numeric; the reading is exact.
RELATIVE_SLACK = Fraction(1, 10**9)


@dataclass(frozen=True)
class Difference:
    """One cell, or a whole row when `column` is None, that the two sides do not share."""

    table: str
    key: tuple[object, ...]
    column: str | None
    expected: object
    found: object

    def __str__(self) -> str:
        """Name the cell and both values."""
        where = f"{self.table} {self.key} {self.column or '(row)'}"
        return f"{where}: expected {show(self.expected)}, found {show(self.found)}"


def show(value: object) -> str:
    """Print a fraction as a decimal."""
    return str(float(value)) if isinstance(value, Fraction | Decimal) else str(value)


def equal(expected: object, found: object) -> bool:
    """Whether two cells are the same value; NULL equals only NULL."""
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    left, right = exact(expected), exact(found)
    if left is not None and right is not None:
        return abs(left - right) <= RELATIVE_SLACK * max(Fraction(1), abs(left))
    return expected == found


def exact(value: object) -> Fraction | None:
    """Return a numeric cell as a fraction; any other cell is None."""
    return Fraction(value) if isinstance(value, int | float | Fraction | Decimal) else None


def differences(table: str, expected: Rows, found: Rows) -> Iterator[Difference]:
    """Yield every row on one side only and every expected cell that differs."""
    for key in sorted(expected.keys() | found.keys(), key=repr):
        if key not in found or key not in expected:
            yield Difference(table, key, None, expected.get(key), found.get(key))
            continue
        for column, value in expected[key].items():
            if column not in found[key]:
                yield Difference(table, key, column, value, "no such column")
            elif not equal(value, found[key][column]):
                yield Difference(table, key, column, value, found[key][column])
