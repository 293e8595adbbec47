"""One mart or fact as a file: rows stream from a server-side cursor, a block in memory at a time.

It reads what BI logins may read; it knows no metric.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import psycopg
from psycopg import sql

from raw_loaders.errors import CasebookError

if TYPE_CHECKING:
    import pyarrow as pa

# Rows in memory at once, and rows of a Parquet row group.
BLOCK_ROWS = 20_000
# A spreadsheet takes a text that begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
PERIOD = "period_start"

Row = tuple[object, ...]


@dataclass(frozen=True)
class Relation:
    """A table of `facts` or `marts`: its columns in order, each with its Postgres type."""

    schema: str
    name: str
    columns: dict[str, str]

    @property
    def date_column(self) -> str | None:
        """The column that dates a row: `period_start`, else the first date."""
        if PERIOD in self.columns:
            return PERIOD
        return next((name for name, kind in self.columns.items() if kind == "date"), None)


def find_relation(connection: psycopg.Connection, name: str, suffix: str) -> Relation:
    """Give the mart or fact named `name`. Raises `CasebookError` with near names for none."""
    rows = connection.execute(
        "select nspname, relname, attname, format_type(atttypid, null)"
        " from pg_attribute join pg_class on pg_class.oid = attrelid"
        " join pg_namespace on pg_namespace.oid = relnamespace"
        " where nspname = any(%s) and relkind in ('r', 'p', 'v', 'm')"
        " and attnum > 0 and not attisdropped order by nspname, relname, attnum",
        ([f"marts{suffix}", f"facts{suffix}"],),
    ).fetchall()
    known = {relation: schema for schema, relation, _, _ in rows}
    if name in known:
        columns = {column: kind for _, relation, column, kind in rows if relation == name}
        return Relation(known[name], name, columns)
    if not known:
        raise CasebookError("There are no marts yet: run `casebook build` first.")
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    advice = f"did you mean {' or '.join(near)}?" if near else "README.md lists them."
    raise CasebookError(f"There is no mart or fact named {name}: {advice}")


def read_blocks(
    connection: psycopg.Connection,
    relation: Relation,
    first: date | None = None,
    last: date | None = None,
) -> Iterator[list[Row]]:
    """Give the rows dated `first` to `last`, both included, always in the same order.

    That is by date where there is one, then by every column from the first on.
    Raises `CasebookError` when a date is given and the relation has no date column.
    """
    dated = relation.date_column
    if dated is None and (first or last):
        raise CasebookError(f"{relation.name} has no date: leave --from and --to out.")
    query = sql.SQL("select {} from {}").format(
        sql.SQL(", ").join(map(sql.Identifier, relation.columns)),
        sql.Identifier(relation.schema, relation.name),
    )
    bounds = [(operator, day) for operator, day in ((">=", first), ("<=", last)) if day]
    if dated is not None and bounds:
        query += sql.SQL(" where ") + sql.SQL(" and ").join(
            sql.Identifier(dated) + sql.SQL(f" {operator} %s") for operator, _ in bounds
        )
    query += sql.SQL(" order by ") + sql.SQL(", ").join(
        sql.Identifier(name) for name in _order(relation)
    )
    return _fetch_blocks(connection, query, [day for _, day in bounds])


def _order(relation: Relation) -> list[str]:
    first = [] if relation.date_column is None else [relation.date_column]
    return first + [
        name
        for name, kind in relation.columns.items()
        # Postgres knows no order of json.
        if name not in first and kind != "json"
    ]


def _fetch_blocks(
    connection: psycopg.Connection, query: sql.Composed, values: list[date]
) -> Iterator[list[Row]]:
    with connection.cursor("casebook_export") as cursor:
        cursor.execute(query, values)
        while block := cursor.fetchmany(BLOCK_ROWS):
            yield block


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a file that appears at `path` once it is whole; an error or Ctrl-C leaves nothing."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as sink:
            yield sink
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_csv(relation: Relation, blocks: Iterator[list[Row]], sink: IO[bytes]) -> int:
    """Write UTF-8 with a header, NULL as nothing; give the rows written.

    A text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    text = io.TextIOWrapper(sink, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    count = 0
    try:
        writer.writerow(relation.columns)
        for block in blocks:
            writer.writerows([safe_cell(value) for value in row] for row in block)
            count += len(block)
    finally:
        # Else the wrapper would close the caller's sink when it is collected.
        text.detach()
    return count


def safe_cell(value: object) -> object:
    """Give what a CSV cell holds: numbers as they are, times in ISO 8601, texts disarmed."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (str, dict, list)):
        text = _text(value)
        return f"'{text}" if text.startswith(FORMULA_STARTS) else text
    return value


def write_parquet(relation: Relation, blocks: Iterator[list[Row]], sink: IO[bytes]) -> int:
    """Write a row group a block; give the rows written. `numeric` becomes a double."""
    import pyarrow as pa  # noqa: PLC0415 - not for csv
    import pyarrow.parquet as pq  # noqa: PLC0415

    schema = pa.schema([(name, _arrow_type(kind)) for name, kind in relation.columns.items()])
    count = 0
    with pq.ParquetWriter(sink, schema) as writer:
        for block in blocks:
            columns = [
                pa.array([_arrow_value(value, field.type) for value in column], field.type)
                for column, field in zip(zip(*block, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            count += len(block)
    return count


def _arrow_type(kind: str) -> pa.DataType:
    import pyarrow as pa  # noqa: PLC0415

    types = {
        "boolean": pa.bool_(),
        "smallint": pa.int16(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "real": pa.float32(),
        "double precision": pa.float64(),
        "numeric": pa.float64(),
        "date": pa.date32(),
        "timestamp with time zone": pa.timestamp("us", tz="UTC"),
    }
    return types.get(kind, pa.string())


def _arrow_value(value: object, kind: pa.DataType) -> object:
    import pyarrow as pa  # noqa: PLC0415

    if value is None:
        return None
    if pa.types.is_string(kind):
        return _text(value)
    return float(value) if pa.types.is_float64(kind) else value  # type: ignore[arg-type]


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)


WRITERS: dict[str, Callable[[Relation, Iterator[list[Row]], IO[bytes]], int]] = {
    "csv": write_csv,
    "parquet": write_parquet,
}
FORMATS: Sequence[str] = tuple(WRITERS)
