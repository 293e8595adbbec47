"""What the rows of a seed must look like, read from the seed's own YAML file.

Type from `config.column_types`; keys from the unique ones of `config.indexes`; what must be
there from the data test assert_filled. From a column's `meta`: `minimum`, `maximum`, `one_of` (or
its test accepted_values), `pattern` with `pattern_means`, and `includes`, the values that some row
must have. From the seed's `meta`: `same_in_all_rows` and `ascending`, lists of columns, and
`spans`, see `orchestration.seed_rules`. So a rule is written once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import cast

import yaml

from orchestration.seed_rules import (
    Ascending,
    Includes,
    SameInAllRows,
    SeedRule,
    Spans,
    Unique,
    Value,
)

Yaml = Mapping[str, object]
# What a cell must be, and how it is read.
Parser = tuple[str, Callable[[str], Value]]


@dataclass(frozen=True, kw_only=True)
class ColumnSchema:
    """One column's rules; `check` gives what is wrong with a cell, or None."""

    name: str
    data_type: str
    is_required: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    one_of: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    pattern: str = ""
    pattern_means: str = ""

    def read(self, cell: str) -> Value:
        """Give what a cell that is filled and right means."""
        return self._parser[1](cell)

    @property
    def _parser(self) -> Parser:
        return PARSERS.get(self.data_type, PARSERS["text"])

    def check(self, cell: str) -> str | None:
        """Say what is wrong with `cell`, as the end of a sentence; None when it is right."""
        if not cell:
            return "is empty" if self.is_required else None
        try:
            value = self.read(cell)
        except (ValueError, InvalidOperation):
            return f"is not {self._parser[0]}"
        if self.pattern and not re.fullmatch(self.pattern, cell):
            return f"is not {self.pattern_means}"
        if self.one_of and cell not in self.one_of:
            return f"is not one of {', '.join(self.one_of)}"
        return self._check_bounds(value) if isinstance(value, Decimal) else None

    def _check_bounds(self, value: Decimal) -> str | None:
        if self.minimum is not None and value < self.minimum:
            return f"is less than {self.minimum}"
        if self.maximum is not None and value > self.maximum:
            return f"is greater than {self.maximum}"
        return None


@dataclass(frozen=True, kw_only=True)
class SeedSchema:
    """One seed: its CSV file below the seeds folder, its columns in order, and rules of rows."""

    name: str
    file: Path
    columns: tuple[ColumnSchema, ...]
    rules: tuple[SeedRule, ...]


def read_seed_schemas(seeds: Path) -> dict[str, SeedSchema]:
    """Read the schema of every seed below `seeds`, by the seed's name."""
    schemas = {}
    for path in sorted(seeds.rglob("*.yml")):
        document = yaml.safe_load(path.read_text()) or {}
        for entry in document.get("seeds", ()):
            schemas[entry["name"]] = _seed(entry, path.with_name(f"{entry['name']}.csv"))
    return schemas


def _seed(entry: Yaml, file: Path) -> SeedSchema:
    config = _mapping(entry.get("config"))
    types = _mapping(config.get("column_types"))
    filled = _texts(_arguments(entry, "assert_filled").get("columns"))
    columns = tuple(
        _column(cast("Yaml", column), types, filled) for column in _list(entry.get("columns"))
    )
    rules = (*_rules(config), *(Includes(c.name, c.includes) for c in columns if c.includes))
    return SeedSchema(name=str(entry["name"]), file=file, columns=columns, rules=rules)


def _rules(config: Yaml) -> Iterator[SeedRule]:
    for index in map(_mapping, _list(config.get("indexes"))):
        if index.get("unique"):
            yield Unique(_texts(index.get("columns")))
    meta = _mapping(config.get("meta"))
    for column in _texts(meta.get("same_in_all_rows")):
        yield SameInAllRows(column)
    if ascending := _texts(meta.get("ascending")):
        yield Ascending(ascending)
    if spans := _mapping(meta.get("spans")):
        yield Spans(of=str(spans["of"]), start=str(spans["start"]), end=str(spans["end"]))


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
        one_of=_texts(meta.get("one_of") or accepted.get("values")),
        includes=_texts(meta.get("includes")),
        pattern=str(meta.get("pattern") or ""),
        pattern_means=str(meta.get("pattern_means") or ""),
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


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in _list(value))


def _bound(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _integer(cell: str) -> Decimal:
    if not re.fullmatch(r"[+-]?\d{1,18}", cell, re.ASCII):
        raise ValueError
    return Decimal(cell)


def _number(cell: str) -> Decimal:
    # Spreadsheet programs write a small price as 3E-06.
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", cell, re.ASCII):
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


def _text(cell: str) -> str:
    if any(unicodedata.category(character) == "Cc" for character in cell):
        raise ValueError
    return cell


_INTEGER = ("a whole number", _integer)
_NUMBER = ("a number such as 12.5", _number)
_MOMENT = ("a time such as 2025-12-31T08:00:00+08:00", datetime.fromisoformat)
# By Postgres type.
PARSERS: Mapping[str, Parser] = {
    "text": ("text without control characters", _text),
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
