"""What the rows of a seed must look like, read from the seed's own YAML file.

Type from `config.column_types`; keys from the unique ones of `config.indexes`; what must be
there from the data test assert_filled; `minimum`, `maximum` and `one_of` from a column's `meta`
or, for the last, its test accepted_values. So a rule is written once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import cast

import yaml

Yaml = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class ColumnSchema:
    """One column's rules; `check` gives what is wrong with a cell, or None."""

    name: str
    data_type: str
    is_required: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    one_of: tuple[str, ...] = ()

    def check(self, cell: str) -> str | None:
        """Say what is wrong with `cell`, as the end of a sentence; None when it is right."""
        if not cell:
            return "is empty" if self.is_required else None
        expected, parse = PARSERS.get(self.data_type, ("", str))
        try:
            value = parse(cell)
        except (ValueError, InvalidOperation):
            return f"is not {expected}"
        if self.one_of and cell not in self.one_of:
            return f"is not one of {', '.join(self.one_of)}"
        if isinstance(value, Decimal):
            if self.minimum is not None and value < self.minimum:
                return f"is less than {self.minimum}"
            if self.maximum is not None and value > self.maximum:
                return f"is greater than {self.maximum}"
        return None


@dataclass(frozen=True, kw_only=True)
class SeedSchema:
    """One seed: its CSV file below the seeds folder, its columns in order, and its keys."""

    name: str
    file: Path
    columns: tuple[ColumnSchema, ...]
    keys: tuple[tuple[str, ...], ...] = field(default=())


def read_seed_schemas(seeds: Path) -> dict[str, SeedSchema]:
    """Read the schema of every seed below `seeds`, by the seed's name."""
    schemas = {}
    for path in sorted(seeds.rglob("*.yml")):
        document = yaml.safe_load(path.read_text()) or {}
        for entry in document.get("seeds", ()):
            schemas[entry["name"]] = _seed(entry, path.with_name(f"{entry['name']}.csv"))
    return schemas


def _seed(entry: Yaml, file: Path) -> SeedSchema:
    columns = [cast("Yaml", column) for column in _list(entry.get("columns"))]
    config = _mapping(entry.get("config"))
    types = _mapping(config.get("column_types"))
    filled = {str(name) for name in _list(_arguments(entry, "assert_filled").get("columns"))}
    indexes = [_mapping(index) for index in _list(config.get("indexes"))]
    return SeedSchema(
        name=str(entry["name"]),
        file=file,
        columns=tuple(_column(column, types, filled) for column in columns),
        keys=tuple(
            tuple(str(name) for name in _list(index.get("columns")))
            for index in indexes
            if index.get("unique")
        ),
    )


def _column(entry: Yaml, types: Yaml, filled: Container[str]) -> ColumnSchema:
    name = str(entry["name"])
    meta = _mapping(_mapping(entry.get("config")).get("meta"))
    accepted = _arguments(entry, "accepted_values")
    return ColumnSchema(
        name=name,
        data_type=str(types.get(name) or entry.get("data_type") or "text"),
        is_required=name in filled,
        minimum=_bound(meta.get("minimum")),
        maximum=_bound(meta.get("maximum")),
        one_of=tuple(str(v) for v in _list(meta.get("one_of") or accepted.get("values"))),
    )


def _arguments(entry: Yaml, test: str) -> Yaml:
    """Give the arguments of a data test of a seed or column; none when it has no such test."""
    tests = [_mapping(each) for each in _list(entry.get("data_tests"))]
    found = next((each[test] for each in tests if test in each), None)
    return _mapping(_mapping(found).get("arguments"))


def _mapping(value: object) -> Yaml:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else ()


def _bound(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _integer(cell: str) -> Decimal:
    if not re.fullmatch(r"[+-]?\d{1,18}", cell, re.ASCII):
        raise ValueError
    return Decimal(cell)


def _number(cell: str) -> Decimal:
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", cell, re.ASCII):
        raise ValueError
    return Decimal(cell)


def _date(cell: str) -> date:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", cell, re.ASCII):
        raise ValueError
    return date.fromisoformat(cell)


def _time(cell: str) -> time:
    if not re.fullmatch(r"\d\d:\d\d(:\d\d)?", cell, re.ASCII):
        raise ValueError
    # Postgres's end of a day.
    return time.max if re.fullmatch(r"24:00(:00)?", cell) else time.fromisoformat(cell)


def _boolean(cell: str) -> bool:
    if cell.lower() not in {"true", "false"}:
        raise ValueError
    return cell.lower() == "true"


_INTEGER = ("a whole number", _integer)
_NUMBER = ("a number such as 12.5", _number)
_MOMENT = ("a time such as 2025-12-31T08:00:00+08:00", datetime.fromisoformat)
# Postgres type: what a cell must be, and how it is read.
PARSERS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "smallint": _INTEGER,
    "integer": _INTEGER,
    "bigint": _INTEGER,
    "numeric": _NUMBER,
    "double precision": _NUMBER,
    "date": ("a date such as 2025-12-31", _date),
    "time": ("a time of day such as 09:00", _time),
    "boolean": ("true or false", _boolean),
    "timestamp": _MOMENT,
    "timestamptz": _MOMENT,
}
