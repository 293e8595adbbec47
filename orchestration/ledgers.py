"""What the ledger says of the loads that no finished build has read, held against the tables."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.rows import class_row

# Only loads since the last finished build: older ones were checked when they were new.
BALANCE = sql.SQL("""
with

watermarks as (
    select coalesce(max(max_load_id), 0) as load_id
    from staging.builds
    where finished_at is not null and schema_suffix = ''
),

loads as (
    select loads.*
    from staging.loads as loads
    inner join staging.objects as objects on loads.object_id = objects.object_id
    where objects.source = {source} and loads.load_id > (select load_id from watermarks)
),

landed as (
    select load_id, count(*) as row_count
    from staging.{table}
    where load_id > (select load_id from watermarks)
    group by load_id
),

rejected as (
    select load_id, count(*) as row_count
    from staging.quarantine
    where load_id > (select load_id from watermarks)
    group by load_id
)

select
    count(*) as load_count,
    coalesce(sum(loads.read_count), 0)::bigint as read_count,
    coalesce(sum(loads.landed_count), 0)::bigint as landed_count,
    coalesce(sum(loads.duplicate_count), 0)::bigint as duplicate_count,
    coalesce(sum(loads.quarantined_count), 0)::bigint as quarantined_count,
    count(*) filter (
        where
        loads.read_count
        <> loads.landed_count + loads.duplicate_count + loads.quarantined_count
        or loads.landed_count - loads.erased_count <> coalesce(landed.row_count, 0)
        or loads.quarantined_count <> coalesce(rejected.row_count, 0)
    ) as uneven_load_count
from loads
left join landed on loads.load_id = landed.load_id
left join rejected on loads.load_id = rejected.load_id
""")


@dataclass(frozen=True, kw_only=True)
class Balance:
    """Lines and loads since the last finished build; a load is uneven when a line is missing."""

    load_count: int
    read_count: int
    landed_count: int
    duplicate_count: int
    quarantined_count: int
    uneven_load_count: int


def read_balance(connection: psycopg.Connection, source: str, table: str) -> Balance:
    """Hold the ledger of a source against its raw table and the quarantine."""
    query = BALANCE.format(source=sql.Literal(source), table=sql.Identifier(table))
    with connection.cursor(row_factory=class_row(Balance)) as cursor:
        balance = cursor.execute(query).fetchone()
    assert balance is not None  # noqa: S101 - an aggregate
    return balance
