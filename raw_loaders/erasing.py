"""Erases a customer or a session from what has landed, in one transaction."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from raw_loaders.locks import LANDING_LOCK
from raw_loaders.tombstones import (
    CUSTOMER_FIELD,
    CUSTOMER_TABLE,
    SESSION_TABLES,
    tombstone_hash,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    import psycopg

    from raw_loaders.tombstones import Kind

# What an id may consist of: beside one of these, it is a part of a longer one.
_INSIDE = rb"[\w\x80-\xff .@+-]"

DELETE_SESSION = """
with

deleted as (
    delete from staging.{table} where session_id = %(session)s
    returning load_id, producer, boot, sequence, occurred_at
),

counted as (
    select load_id, count(*) as row_count from deleted group by load_id
),

counted_off as (
    update staging.loads
    set erased_count = erased_count + counted.row_count
    from counted
    where loads.load_id = counted.load_id
),

-- A gap in the producer's counter is a loss unless the missing number is among these.
excused as (
    insert into staging.rejected_sequences (load_id, producer, boot, sequence, event_date)
    select load_id, producer, boot, sequence, (occurred_at at time zone %(timezone)s)::date
    from deleted
    where sequence is not null
)

select coalesce(sum(row_count), 0)::bigint from counted
"""

# What the client counted of it is no event, and of no use without one.
DELETE_MEASURES = "delete from staging.raw_qwen_code_metrics where session_id = %s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure did: events changed or deleted, rejected lines that lost their bytes."""

    event_count: int
    raw_line_count: int
    # Whether there is a tombstone: of this erasure, or of one before.
    is_known: bool


def erase(
    connection: psycopg.Connection,
    kind: Kind,
    text: str,
    hashes: Sequence[str],
    timezone: ZoneInfo,
) -> Erased:
    """Erase a customer, of whom `hashes` are stored, or a session from `staging`.

    Loading waits meanwhile. Leaves a tombstone and a record without the person; writes
    nothing when nothing is found. Needs the role `eraser`, and autocommit mode.
    """
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (LANDING_LOCK,))
        if kind == "customer":
            events = _strip_customer(connection, hashes)
        else:
            events = sum(
                _delete_session(connection, table, text, timezone) for table in SESSION_TABLES
            )
            connection.execute(DELETE_MEASURES, (text,))
        lines = _delete_bytes(connection, text)
        is_known = _leave_tombstone(connection, kind, text, is_found=bool(events or lines))
        if events or lines:
            connection.execute(
                "insert into staging.erasures (kind, event_count, raw_line_count, after_build_id)"
                " select %s, %s, %s, coalesce(max(build_id), 0) from staging.builds",
                (kind, events, lines),
            )
    return Erased(event_count=events, raw_line_count=lines, is_known=is_known)


def _strip_customer(connection: psycopg.Connection, hashes: Sequence[str]) -> int:
    statement = sql.SQL(
        "update staging.{} set payload = payload - %(field)s"
        " where string_to_array(payload ->> %(field)s, ':') && %(hashes)s::text[]"
    ).format(sql.Identifier(CUSTOMER_TABLE))
    parameters = {"field": CUSTOMER_FIELD, "hashes": list(hashes)}
    return connection.execute(statement, parameters).rowcount


def _delete_session(
    connection: psycopg.Connection, table: str, session: str, timezone: ZoneInfo
) -> int:
    statement = sql.SQL(DELETE_SESSION).format(table=sql.Identifier(table))
    parameters = {"session": session, "timezone": timezone.key}
    row = connection.execute(statement, parameters).fetchone()
    assert row is not None  # noqa: S101 - an aggregate
    return int(row[0])


def _delete_bytes(connection: psycopg.Connection, text: str) -> int:
    """Delete the bytes of rejected lines in which the text stands by itself."""
    forms = {
        json.dumps(text, ensure_ascii=is_ascii)[1:-1].encode("utf-8", "surrogatepass")
        for is_ascii in (True, False)
    }
    rows = connection.execute(
        "select quarantine_id, raw_bytes from staging.quarantine_raw"
        " where exists (select from unnest(%s::bytea[]) as forms (form)"
        " where position(form in raw_bytes) > 0)",
        (list(forms),),
    )
    whole = re.compile(
        b"(?<!" + _INSIDE + b")(?:" + b"|".join(map(re.escape, forms)) + b")(?!" + _INSIDE + b")"
    )
    found = [quarantine_id for quarantine_id, raw in rows if whole.search(raw)]
    return connection.execute(
        "delete from staging.quarantine_raw where quarantine_id = any(%s)", (found,)
    ).rowcount


def _leave_tombstone(
    connection: psycopg.Connection, kind: Kind, text: str, *, is_found: bool
) -> bool:
    """Write or renew the tombstone of what was found; give whether there is one."""
    row = connection.execute("select identity_key from staging.identity_keys").fetchone()
    assert row is not None  # noqa: S101 - `find_hash_keys` has looked
    hash_ = tombstone_hash(row[0], kind, text)
    if is_found:
        connection.execute(
            "insert into staging.tombstones (kind, hash) values (%s, %s)"
            " on conflict (kind, hash) do update set erased_at = excluded.erased_at",
            (kind, hash_),
        )
        return True
    query = "select from staging.tombstones where (kind, hash) = (%s, %s)"
    return connection.execute(query, (kind, hash_)).fetchone() is not None
