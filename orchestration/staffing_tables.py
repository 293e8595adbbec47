"""Reads `marts.agent_concurrency_30min` and writes `marts.staffing_30min`, as part of a build."""

from __future__ import annotations

import pandas as pd
import psycopg
from psycopg import sql

from orchestration.staffing import plan_staffing
from orchestration.table_swaps import swap_table

# Column: type and what it says; the order is that of the table.
COLUMNS = {
    "event_date": ("date", "Local day of the half hour, in the business time zone."),
    "slot_start": ("timestamptz", "Start of the half hour (UTC)."),
    "arrivals": ("bigint", "Sessions first escalated in it."),
    "abandonments": ("bigint", "Those of them that ended before an agent came."),
    "abandonment_rate": ("double precision", "abandonments / arrivals, 0 to 1."),
    "handle_seconds_avg": ("double precision", "Mean handling time taken, seconds."),
    "offered_load": ("double precision", "Work all arrivals bring, erlangs."),
    "agents_needed": ("bigint", "Least agents for 80 % within 30 s, by Erlang C."),
    "expected_service_level": ("double precision", "Share within 30 s with these, 0 to 1."),
    "expected_wait_seconds": ("double precision", "Mean wait with these, seconds."),
    "expected_occupancy_rate": ("double precision", "offered_load / agents_needed, 0 to 1."),
    "available_agents": ("double precision", "Mean number of agents that were available."),
    "is_usable": ("boolean", "False where more than 5 % gave up: Erlang C knows no impatience."),
    "is_complete": ("boolean", "Whether the half hour was over by as_of."),
    "is_mature": ("boolean", "Whether it had been over for 72 hours."),
}
TABLE = "staffing_30min"
DESCRIPTION = "One row per half hour: the agents it needed for its service level, by Erlang C."
INTEGERS = [name for name, (kind, _) in COLUMNS.items() if kind == "bigint"]


def write_staffing(
    connection: psycopg.Connection,
    build_id: int,
    suffix: str = "",
    *,
    is_full_refresh: bool = False,
) -> int:
    """Plan every half hour anew and stamp the table, in one transaction; gives the number of rows.

    `suffix` is that of the build's schemas. A full refresh makes the table anew, as dbt does
    with its models. Call it as the role that dbt acts as, so that the table has the same rights.
    """
    schema = f"marts{suffix}"
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                """
                select
                    event_date, slot_start, arrivals, abandonments, handled_arrivals,
                    handle_seconds::double precision, available_agents::double precision,
                    is_complete, is_mature
                from {} order by slot_start
                """
            ).format(sql.Identifier(schema, "agent_concurrency_30min"))
        )
        names = [column.name for column in cursor.description or []]
        slots = pd.DataFrame(cursor.fetchall(), columns=names)
        slots["handle_seconds"] = slots["handle_seconds"].astype(float)
        plan = plan_staffing(slots)[list(COLUMNS)]
        plan[INTEGERS] = plan[INTEGERS].astype("Int64")
        name = f"{TABLE}__fresh" if is_full_refresh else TABLE
        table = sql.Identifier(schema, name)
        _create_table(cursor, table)
        cursor.execute(sql.SQL("delete from {}").format(table))
        rows = plan.astype(object).where(plan.notna(), None)
        with cursor.copy(
            sql.SQL("copy {} ({}) from stdin").format(
                table, sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
            )
        ) as copy:
            for row in rows.itertuples(index=False, name=None):
                copy.write_row(row)
        if is_full_refresh:
            swap_table(connection, schema, name, TABLE)
        _stamp(cursor, schema, build_id, suffix)
    return len(plan)


def _create_table(cursor: psycopg.Cursor, table: sql.Identifier) -> None:
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
        for name, (kind, _) in COLUMNS.items()
    )
    cursor.execute(
        sql.SQL("create table if not exists {} ({}, primary key (slot_start))").format(
            table, columns
        )
    )
    cursor.execute(sql.SQL("comment on table {} is {}").format(table, DESCRIPTION))
    for name, (_, description) in COLUMNS.items():
        cursor.execute(
            sql.SQL("comment on column {}.{} is {}").format(
                table, sql.Identifier(name), description
            )
        )


def _stamp(cursor: psycopg.Cursor, schema: str, build_id: int, suffix: str) -> None:
    """Say in build_info which build wrote it, as the macro stamp_build does for models."""
    cursor.execute(
        sql.SQL(
            """
            insert into {} (table_schema, table_name, build_id) values (%s, %s, %s)
            on conflict (table_schema, table_name) do update set build_id = excluded.build_id
            """
        ).format(sql.Identifier(f"intermediate{suffix}", "table_builds")),
        (schema, TABLE, build_id),
    )
