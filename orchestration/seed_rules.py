"""What must hold between the cells and the rows of a seed.

Each rule's `check` says what is wrong first, as "row 3, column opens: …", or gives None. Which
seed has which rules stands in its YAML file, see `orchestration.seed_schemas`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol


class Value(Protocol):
    """What a cell means: a number, date, time, text."""

    def __lt__(self, other: Any, /) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class SeedRow:
    """One row: the line of the file it ends on, its cells, and what those that are filled mean."""

    number: int
    cells: Mapping[str, str]
    values: Mapping[str, Value]

    def says(self, *columns: str) -> str:
        """Give cells as they are quoted in a message."""
        return repr(", ".join(self.cells[name] for name in columns))


class SeedRule(Protocol):
    """A rule over all rows of a seed."""

    def check(self, rows: Sequence[SeedRow]) -> str | None:
        """Say where and what is wrong, without a full stop; None when nothing is."""


@dataclass(frozen=True)
class Unique:
    """No two rows mean the same in these columns, however they write it."""

    columns: tuple[str, ...]

    def check(self, rows: Sequence[SeedRow]) -> str | None:
        """Name the second row of a key."""
        first: dict[tuple[Value | None, ...], SeedRow] = {}
        for row in rows:
            other = first.setdefault(tuple(row.values.get(name) for name in self.columns), row)
            if other is not row:
                return (
                    f"row {row.number}, column {' and '.join(self.columns)}: "
                    f"{row.says(*self.columns)} is there twice, first in row {other.number}"
                )
        return None


@dataclass(frozen=True)
class SameInAllRows:
    """All rows say the same in this column."""

    column: str

    def check(self, rows: Sequence[SeedRow]) -> str | None:
        """Name the first row that differs from the first."""
        for row in rows[1:]:
            if row.values.get(self.column) != rows[0].values.get(self.column):
                return (
                    f"row {row.number}, column {self.column}: {row.says(self.column)} is not "
                    f"{rows[0].says(self.column)} of row {rows[0].number}; all rows must share one"
                )
        return None


@dataclass(frozen=True)
class Ascending:
    """In each row no column is greater than the next of these."""

    columns: tuple[str, ...]

    def check(self, rows: Sequence[SeedRow]) -> str | None:
        """Name the first row out of order."""
        for row in rows:
            filled = [name for name in self.columns if name in row.values]
            for low, high in pairwise(filled):
                if row.values[high] < row.values[low]:
                    return (
                        f"row {row.number}, column {low}: {row.says(low)} is greater than "
                        f"{high}, which is {row.says(high)}"
                    )
        return None


@dataclass(frozen=True, kw_only=True)
class Spans:
    """Each row is a span of a day from `start` to a later `end`; those of one `of` do not meet."""

    of: str
    start: str
    end: str

    def check(self, rows: Sequence[SeedRow]) -> str | None:
        """Name the first span that ends too early, or else that begins within another."""
        for row in rows:
            if not row.values[self.start] < row.values[self.end]:
                return (
                    f"row {row.number}, column {self.end}: {row.says(self.end)} is not later than "
                    f"{self.start}, which is {row.says(self.start)}; hours past midnight are two "
                    "rows, until 24:00 and from 00:00 of the next day"
                )
        ordered = sorted(rows, key=lambda row: (row.values[self.of], row.values[self.start]))
        for before, row in pairwise(ordered):
            same = row.values[self.of] == before.values[self.of]
            if same and row.values[self.start] < before.values[self.end]:
                return (
                    f"row {row.number}, column {self.start}: {row.says(self.start)} is before "
                    f"{self.end} of row {before.number}, which is {before.says(self.end)}; "
                    f"rows of one {self.of} must not overlap"
                )
        return None


@dataclass(frozen=True)
class Includes:
    """Each of these values is in some row of the column."""

    column: str
    values: tuple[str, ...]

    def check(self, rows: Sequence[SeedRow]) -> str | None:
        """Name the first value that is nowhere."""
        said = {row.cells[self.column] for row in rows}
        for value in self.values:
            if value not in said:
                return (
                    f"column {self.column}: {value!r} is in no row; add one, as Casebook itself "
                    "gives this value"
                )
        return None
