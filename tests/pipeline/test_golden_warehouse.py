"""Every golden vector through the real loader and one build of the warehouse."""

from __future__ import annotations

import re
from datetime import UTC

import psycopg
import pytest
from psycopg import sql

from tests.golden.stories import AS_OF, ZONE, Vector
from tests.golden.vectors import ALL, all_events
from tests.oracle.compare import equal
from tests.oracle.reading import read
from tests.oracle.rows import Rows, fact_rows, mart_rows
from tests.pipeline.conftest import WarehouseFactory
from tests.property.agreement import found_facts, found_mart, reading_differences
from tests.property.drafts import sent_as
from tests.property.warehouses import Warehouse

EVENTS = "one row per landed event: staging has a unique index over its time and id"
GROUPED = "the result of one `group by` over its key, replaced by whole loads"
DAYS = "a handful of days, made by `union`"
KEYLESS = {
    "facts.fct_ai_calls": EVENTS,
    "facts.fct_api_errors": EVENTS,
    "facts.fct_messages": EVENTS,
    "facts.fct_product_events": EVENTS,
    "facts.fct_queries": EVENTS,
    "intermediate.int_agent_evidence_collected": EVENTS,
    "intermediate.int_agent_evidence_numbered": EVENTS,
    "intermediate.int_session_marks_collected": EVENTS,
    "intermediate.int_ticket_events": EVENTS,
    "intermediate.int_product_steps_marked": "one row per event and step, without the event's id",
    "intermediate.int_arrivals_counted": GROUPED,
    "intermediate.int_session_days_touched": DAYS,
    "intermediate.int_support_days_touched": DAYS,
    "intermediate.int_business_windows": "two windows may open at one instant: clocks go forward",
    "intermediate.int_shift_handlings_clipped": "made anew by each build for the next model alone",
    "seeds.product_funnel_steps": "an event may be a step by several values, or by none",
}
# A column of an index as Postgres prints it: itself, or the hash of it.
INDEXED = re.compile(r"(?:hashtextextended\()?\"?(\w+)")

# Table with its schema, and the columns of its unique index.
Keys = dict[str, tuple[str, ...]]


@pytest.fixture(scope="module")
def golden(new_warehouse: WarehouseFactory) -> Warehouse:
    warehouse = new_warehouse("golden", TIMEZONE=ZONE.key)
    warehouse.land("golden", [sent_as(event).line(UTC) for event in all_events()])
    warehouse.build()
    return warehouse


@pytest.fixture(scope="module")
def tables(golden: Warehouse) -> dict[str, Rows]:
    wanted = {table for vector in ALL for table in vector.expected}
    return {
        table: found_facts(golden, table) if table.startswith("fct_") else found_mart(golden, table)
        for table in wanted
    }


@pytest.fixture(scope="module")
def keys(golden: Warehouse) -> Keys:
    """Give every table that dbt makes; () where it has no unique index."""
    with golden.database.connect() as connection:
        rows = connection.execute(
            """
            select
                tables.relnamespace::regnamespace || '.' || tables.relname,
                array(
                    select pg_get_indexdef(unique_index.indexrelid, place, true)
                    from generate_series(1, unique_index.indnkeyatts) as place
                )
            from pg_class as tables
            left join lateral (
                select * from pg_index
                where
                    pg_index.indrelid = tables.oid
                    and pg_index.indisunique
                    and pg_index.indpred is null
                order by pg_index.indexrelid
                limit 1
            ) as unique_index on true
            where
                tables.relkind in ('r', 'p')
                and tables.relnamespace::regnamespace::text = any(%s)
            """,
            (["facts", "intermediate", "marts", "seeds"],),
        ).fetchall()
    return {table: tuple(_indexed(column) for column in columns) for table, columns in rows}


def _indexed(column: str) -> str:
    found = INDEXED.match(column)
    assert found is not None, column
    return found[1]


def identified(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))


@pytest.mark.parametrize("vector", ALL, ids=lambda vector: f"{vector.rule}: {vector.why}")
def test_warehouse_agrees_with_hand_worked(vector: Vector, tables: dict[str, Rows]) -> None:
    for table, rows in vector.expected.items():
        for key, cells in rows.items():
            found = tables[table][key]
            differing = {c: (v, found[c]) for c, v in cells.items() if not equal(v, found[c])}
            assert not differing, f"{table} {key}"


def test_warehouse_agrees_with_reading_of_all_vectors(golden: Warehouse) -> None:
    reading = read(all_events(), ZONE)
    assert reading.facts.as_of == AS_OF
    built = {table for _, table in golden.tables()}
    assert built >= fact_rows(reading).keys() | mart_rows(reading).keys() | {"data_quality_daily"}
    assert not [str(difference) for difference in reading_differences(golden, reading)]


def test_every_table_has_a_unique_index_or_a_reason(keys: Keys) -> None:
    assert len(keys) > 110
    assert {table for table, key in keys.items() if not key} == KEYLESS.keys()


def test_no_column_of_a_key_is_null(golden: Warehouse, keys: Keys) -> None:
    """A unique index takes any number of rows with a NULL: contracts rule it out."""
    with golden.database.connect() as connection:
        rows = connection.execute(
            "select attrelid::regclass::text, attname from pg_attribute where attnotnull"
        ).fetchall()
        not_null = {(table, column) for table, column in rows}
        for table, key in keys.items():
            # The others have no contract.
            if not table.startswith(("facts.", "marts.")):
                filled = sql.SQL("select bool_and(({}) is not null) from {}").format(
                    sql.SQL(", ").join(map(sql.Identifier, key)), identified(table)
                )
                assert not key or connection.execute(filled).fetchone() != (False,), table
            else:
                assert {(table, column) for column in key} <= not_null, table


def test_the_server_refuses_a_second_copy_of_a_row(golden: Warehouse, keys: Keys) -> None:
    """Whoever drops an index, or makes it a plain one, loses the only check of that key."""
    copy = sql.SQL("insert into {table} select * from {table} limit 1")
    refused = set()
    with golden.database.connect() as connection:
        for table in [table for table, key in keys.items() if key]:
            try:
                with connection.transaction():
                    written = connection.execute(copy.format(table=identified(table))).rowcount
                    assert written == 0, table
            except psycopg.errors.UniqueViolation:
                refused.add(table)
    assert len(refused) > 40
    assert {"facts.fct_escalations", "marts.escalations_daily"} <= refused
