"""What is read of the back office: tables, keys and columns, by the catalogue.

Columns the catalogue drops, or does not have, never appear in a statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from raw_loaders.errors import ObjectError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from raw_loaders.catalogue import Catalogue, EventType, Field
    from raw_loaders.redaction import Redactor

SCHEMA = "biz"
# Big and only added to: read by what changed. The others are small and read whole, so that a
# row that was deleted is noticed.
CHANGING_TABLES = frozenset({"ai_run_logs", "ai_trigger_jobs"})
TIME_TYPES = frozenset({"timestamp with time zone", "timestamp without time zone"})


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column to select; a time is selected as RFC 3339 in UTC, the session's zone."""

    field: Field
    is_time: bool

    def expression(self) -> sql.Composable:
        """Give the column as the type its field has."""
        name = sql.Identifier("source", self.field.name)
        if self.field.type in ("integer", "number"):
            return sql.SQL("{}::numeric").format(name)
        if self.field.type == "boolean":
            # By its text: a smallint has no cast of its own.
            return sql.SQL("{}::text::boolean").format(name)
        if self.is_time:
            return sql.SQL(
                "to_char({}::timestamptz at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
            ).format(name)
        return sql.SQL("{}::text").format(name)

    def ordering(self) -> sql.Composable:
        """Give what a key's part is ordered by: ids by their own type, others as texts."""
        if self.field.name == "id":
            return sql.SQL("source.id")
        return sql.SQL("coalesce({}, '') collate \"C\"").format(self.expression())


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table as it is in this source; `unknown_columns` are not in the catalogue."""

    event: EventType
    columns: tuple[Column, ...]
    unknown_columns: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name, which is the event name of its rows."""
        return self.event.name

    @property
    def is_read_by_change(self) -> bool:
        """Whether only rows changed since the last time are read."""
        return self.name in CHANGING_TABLES

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns that identify a row, in order."""
        return tuple(f.name for f in self.event.fields if f.presence == "identifying")

    def batch_query(self, *, is_first: bool, by_change: bool) -> sql.Composed:
        """Give the query of the next batch in order of the key.

        Parameters: `horizon` (an xid) when by change, the last row's key values as `last_0` …
        unless it is the first batch, and `limit`. A row's `xmin` is the transaction that wrote
        this version of it.
        """
        columns = {column.field.name: column for column in self.columns}
        orders = [columns[key].ordering() for key in self.keys]
        conditions: list[sql.Composable] = [sql.SQL("true")]
        if by_change:
            conditions.append(sql.SQL("age(source.xmin) <= age(%(horizon)s::xid)"))
        if not is_first:
            last = sql.SQL(", ").join(sql.Placeholder(f"last_{n}") for n in range(len(orders)))
            ordering = sql.SQL(", ").join(orders)
            conditions.append(sql.SQL("({}) > ({})").format(ordering, last))
        return sql.SQL(
            "select {columns} from {table} as source where {conditions}"
            " order by {order} limit %(limit)s"
        ).format(
            columns=sql.SQL(", ").join(
                sql.SQL("{} as {}").format(column.expression(), sql.Identifier(name))
                for name, column in columns.items()
            ),
            table=sql.Identifier(SCHEMA, self.name),
            conditions=sql.SQL(" and ").join(conditions),
            order=sql.SQL(", ").join(orders),
        )

    def row_id(self, row: Mapping[str, object], redactor: Redactor) -> str:
        """Give a row's key as one text; what is hashed of it, under the key that never changes."""
        hashed = {field.name for field in self.event.fields if field.privacy == "hash"}
        texts = {key: "" if row[key] is None else str(row[key]) for key in self.keys}
        return "/".join(
            redactor.identify(key, text) if key in hashed and text else text
            for key, text in texts.items()
        )


def find_table(catalogue: Catalogue, name: str, found: Mapping[str, str]) -> Table:
    """Match a table's columns in the source (name to type) with the catalogue.

    Raises `ObjectError` when one that is needed is not there.
    """
    event = catalogue.events[name]
    if not found:
        raise ObjectError(
            f"{SCHEMA}.{name} is not in the back office's database, or its login may not read it."
        )
    for field in event.fields:
        if field.presence != "optional" and field.name not in found:
            raise ObjectError(
                f"{SCHEMA}.{name} of the back office has no column {field.name}, or its login "
                "may not read it: grant it select on the columns of docs/ai_admin.md."
            )
    return Table(
        event=event,
        columns=tuple(
            Column(field=field, is_time=found[field.name] in TIME_TYPES)
            for field in event.fields
            if field.name in found and field.privacy != "drop"
        ),
        unknown_columns=tuple(sorted(found.keys() - {f.name for f in event.fields})),
    )
