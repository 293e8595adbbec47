"""Reads the back office's tables, without writing, in batches, at one instant each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import dict_row

from raw_loaders.ai_admin.tables import SCHEMA, Table, find_table
from raw_loaders.errors import ObjectError, RetriableError

if TYPE_CHECKING:
    from raw_loaders.catalogue import Catalogue

# Rows of one statement: each then takes milliseconds, and its result a few megabytes.
BATCH_ROWS = 5_000
# No statement of ours may weigh on the back office for longer.
STATEMENT_TIMEOUT_MS = 60_000
# Transaction ids are compared modulo 2**32; beyond this distance the table is read whole.
MAX_XID_DISTANCE = 2**30

SourceRow = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Instant:
    """Where the source stands in a snapshot.

    Every transaction before `horizon` has ended and is seen; `next_xid` is the first not yet
    given out. `cluster` names the server's data (None when it will not say): another one
    after a restore from a dump, another timeline after a restore to a point in time.
    """

    cluster: str | None
    horizon: int
    next_xid: int
    read_at: datetime


@contextmanager
def open_back_office(url: str) -> Iterator[psycopg.Connection]:
    """Connect for reading only.

    Raises `RetriableError` when the back office cannot be reached.
    """
    options = (
        f"-c default_transaction_read_only=on -c statement_timeout={STATEMENT_TIMEOUT_MS}"
        " -c timezone=UTC -c default_transaction_isolation=repeatable\\ read"
    )
    with _naming_the_back_office():
        connection = psycopg.connect(
            url, options=options, autocommit=True, application_name="casebook"
        )
    with connection:
        yield connection


@contextmanager
def _naming_the_back_office() -> Iterator[None]:
    """Tell a failure of the back office from one of the warehouse."""
    try:
        yield
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "connection lost"
        raise RetriableError(
            f"The back office's database (CASEBOOK_AI_ADMIN_URL) failed: {reason}. Run it again "
            "when it answers, or correct the setting."
        ) from None


def read_tables(connection: psycopg.Connection, catalogue: Catalogue) -> list[Table | ObjectError]:
    """Find the catalogue's tables; what is not there, or not readable, is an error of its own."""
    columns: dict[str, dict[str, str]] = {}
    rows = connection.execute(
        "select table_name, column_name, data_type from information_schema.columns"
        " where table_schema = %s",
        (SCHEMA,),
    )
    for table, column, kind in rows:
        columns.setdefault(table, {})[column] = kind
    found: list[Table | ObjectError] = []
    for name in catalogue.events:
        try:
            found.append(find_table(catalogue, name, columns.get(name, {})))
        except ObjectError as error:
            found.append(error)
    return found


def read_instant(connection: psycopg.Connection) -> Instant:
    """Read where the source stands; inside the transaction that reads the rows."""
    row = connection.execute(
        "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
        " pg_snapshot_xmax(pg_current_snapshot())::text::bigint,"
        " statement_timestamp(),"
        " has_function_privilege('pg_control_system()', 'execute')"
        " and has_function_privilege('pg_control_checkpoint()', 'execute')"
    ).fetchone()
    assert row is not None  # noqa: S101 - a select without from gives a row
    cluster = None
    if row[3]:
        names = connection.execute(
            "select system_identifier::text, timeline_id::text"
            " from pg_control_system(), pg_control_checkpoint()"
        ).fetchone()
        cluster = "/".join(names) if names else None
    return Instant(cluster=cluster, horizon=row[0], next_xid=row[1], read_at=row[2])


def read_batches(
    connection: psycopg.Connection, table: Table, horizon: int | None
) -> Iterator[Sequence[SourceRow]]:
    """Read a table's rows, or those written since `horizon`, by its key.

    Inside a repeatable read transaction: all batches are of one instant. Raises
    `RetriableError` when the back office goes away or takes too long.
    """
    last: SourceRow | None = None
    with connection.cursor(row_factory=dict_row) as cursor:
        while True:
            parameters: dict[str, object] = {"limit": BATCH_ROWS}
            if horizon is not None:
                parameters["horizon"] = str(horizon % 2**32)
            if last is not None:
                parameters |= {
                    f"last_{n}": "" if last[key] is None else str(last[key])
                    for n, key in enumerate(table.keys)
                }
            query = table.batch_query(is_first=last is None, by_change=horizon is not None)
            with _naming_the_back_office():
                rows = cursor.execute(query, parameters).fetchall()
            if rows:
                yield rows
            if len(rows) < BATCH_ROWS:
                return
            last = rows[-1]
