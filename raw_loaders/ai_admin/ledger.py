"""What the warehouse knows of the back office: landed versions, and where reading stood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from raw_loaders.ai_admin.reading import MAX_XID_DISTANCE
from raw_loaders.ai_admin.versions import LandedVersion

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from raw_loaders.ai_admin.reading import Instant

SOURCE = "ai_admin"


@dataclass(frozen=True, kw_only=True)
class ReadPosition:
    """Where a table stood when it was read to its end and had news the last time."""

    cluster: str | None
    horizon: int
    next_xid: int


def find_position(connection: psycopg.Connection, table: str) -> ReadPosition | None:
    """Return where a table stood, None when it never was read to its end."""
    row = connection.execute(
        "select cluster, horizon, next_xid from staging.source_positions"
        " where source = %s and object = %s order by position_id desc limit 1",
        (SOURCE, table),
    ).fetchone()
    return ReadPosition(cluster=row[0], horizon=row[1], next_xid=row[2]) if row else None


def record_position(connection: psycopg.Connection, table: str, instant: Instant) -> None:
    """Note that a table was read to its end as of an instant."""
    connection.execute(
        "insert into staging.source_positions"
        " (source, object, cluster, horizon, next_xid, read_at) values (%s, %s, %s, %s, %s, %s)",
        (SOURCE, table, instant.cluster, instant.horizon, instant.next_xid, instant.read_at),
    )


def horizon_to_read_from(position: ReadPosition | None, instant: Instant) -> int | None:
    """Return from which transaction on rows are new; None when all must be looked at."""
    if position is None or is_restored(position, instant):
        return None
    return position.horizon if instant.next_xid - position.horizon < MAX_XID_DISTANCE else None


def is_restored(position: ReadPosition, instant: Instant) -> bool:
    """Whether the source is older than it was, or another server's: what was read may be gone."""
    is_other = None not in (position.cluster, instant.cluster) and (
        position.cluster != instant.cluster
    )
    return is_other or instant.next_xid < position.next_xid


def find_landed(
    connection: psycopg.Connection, table: str, row_ids: Sequence[str]
) -> dict[str, LandedVersion]:
    """Return the last landed version of rows by their id."""
    rows = connection.execute(
        "select distinct on (row_id) row_id, sequence, payload from staging.raw_ai_admin_rows"
        " where event_name = %s and row_id = any(%s) order by row_id, sequence desc",
        (table, list(row_ids)),
    )
    return {
        row_id: LandedVersion(number=number, payload=payload) for row_id, number, payload in rows
    }


def find_landed_ids(connection: psycopg.Connection, table: str) -> set[str]:
    """Return the ids of all rows of a table that ever landed."""
    rows = connection.execute(
        "select row_id from staging.raw_ai_admin_rows where event_name = %s and sequence = 1",
        (table,),
    )
    return {row_id for (row_id,) in rows}


def count_landed_rows(connection: psycopg.Connection, table: str) -> int:
    """Return how many rows of a table ever landed."""
    row = connection.execute(
        "select count(*) from staging.raw_ai_admin_rows where event_name = %s and sequence = 1",
        (table,),
    ).fetchone()
    return int(row[0]) if row else 0
