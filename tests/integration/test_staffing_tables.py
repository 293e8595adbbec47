"""`staffing_30min` is written from `agent_concurrency_30min`, again and again."""

from __future__ import annotations

import psycopg

from orchestration.staffing_tables import write_staffing

CONCURRENCY = """
create table intermediate.table_builds (
    table_schema text, table_name text, build_id bigint, primary key (table_schema, table_name)
);
create table marts.agent_concurrency_30min (
    event_date date, slot_start timestamptz, available_agents numeric, arrivals bigint,
    abandonments bigint, handled_arrivals bigint, handle_seconds numeric,
    is_complete boolean, is_mature boolean
);
insert into marts.agent_concurrency_30min values
    ('2025-12-01', '2025-12-01T01:00:00Z', 2.5, 10, 0, 10, 3600, true, true),
    ('2025-12-01', '2025-12-01T01:30:00Z', 0, 0, 0, 0, null, true, false);
"""


def test_staffing_is_replaced_as_a_whole(connection: psycopg.Connection) -> None:
    connection.execute(CONCURRENCY)
    assert write_staffing(connection, 1) == 2
    assert write_staffing(connection, 2) == 2
    rows = connection.execute(
        "select offered_load, agents_needed, available_agents, is_usable, is_complete, is_mature"
        " from marts.staffing_30min order by slot_start"
    ).fetchall()
    assert rows == [(2.0, 4, 2.5, True, True, True), (0.0, 0, 0.0, True, True, False)]
    stamps = connection.execute("select * from intermediate.table_builds").fetchall()
    assert stamps == [("marts", "staffing_30min", 2)]


def test_full_refresh_makes_the_table_anew(connection: psycopg.Connection) -> None:
    connection.execute(CONCURRENCY)
    connection.execute("create table marts.staffing_30min (of_an_older_version int)")
    assert write_staffing(connection, 1, is_full_refresh=True) == 2


def test_staffing_of_no_half_hours_is_an_empty_table(connection: psycopg.Connection) -> None:
    connection.execute(CONCURRENCY)
    connection.execute("delete from marts.agent_concurrency_30min")
    assert write_staffing(connection, 1) == 0
    assert connection.execute("select count(*) from marts.staffing_30min").fetchone() == (0,)


def test_staffing_without_any_handling_is_empty_of_plans(connection: psycopg.Connection) -> None:
    connection.execute(CONCURRENCY)
    connection.execute(
        "update marts.agent_concurrency_30min"
        " set handled_arrivals = 0, handle_seconds = null, abandonments = arrivals"
    )
    write_staffing(connection, 1)
    rows = connection.execute(
        "select agents_needed, expected_service_level, is_usable"
        " from marts.staffing_30min order by slot_start"
    ).fetchall()
    assert rows == [(None, None, False), (None, None, True)]
