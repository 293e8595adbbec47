"""Hold a built warehouse against another, and against the independent reading."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast

from tests.oracle.calendars import Grain
from tests.oracle.compare import Difference, differences
from tests.oracle.event_rows import event_rows
from tests.oracle.half_hours import half_hour_rows
from tests.oracle.periods import is_complete, is_mature
from tests.oracle.rows import (
    LOSSES,
    QUALITY_COUNTS,
    Row,
    Rows,
    fact_rows,
    mart_rows,
    quality_rows,
)
from tests.property.warehouses import Warehouse, bag, keyed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle.reading import Reading

KEYS = {
    "fct_sessions": ("session_id",),
    "fct_session_handlings": ("session_id", "handling_number"),
    "fct_agent_shifts": ("agent_id", "shift_number"),
    "fct_tickets": ("ticket_id",),
    "dim_agents": ("agent_id",),
    **dict.fromkeys(
        ("fct_queries", "fct_messages", "fct_escalations", "fct_ai_calls", "fct_api_errors"),
        ("producer", "event_id"),
    ),
}
MART_KEYS = {
    "agent_performance_daily": ("agent_id",),
    "agent_performance_monthly": ("agent_id",),
    "query_success_daily": ("kind", "carrier"),
    "ai_latency_daily": ("workflow_id",),
    "api_errors_daily": ("endpoint", "error_type"),
    "escalations_daily": ("reason", "severity", "trigger_keyword"),
    "ticket_sla_monthly": ("type", "priority"),
}
# Marts of which the reading knows no more than whether their periods are over.
FLAGGED: dict[str, tuple[str, Grain]] = {
    "business_case_monthly": ("period_start", "month"),
    "cost_assumptions_monthly": ("period_start", "month"),
    "data_quality_daily": ("event_date", "day"),
    "data_quality_monthly": ("period_start", "month"),
}
BAGS = {
    "fct_session_transfers": (
        "session_id",
        "agent_id",
        "target_agent_id",
        "reason",
        "occurred_at",
        "is_accepted",
    ),
    "fct_agent_statuses": (
        "agent_id",
        "shift_number",
        "status",
        "category",
        "started_at",
        "ended_at",
    ),
    "fct_ticket_statuses": (
        "ticket_id",
        "status",
        "category",
        "agent_id",
        "started_at",
        "ended_at",
    ),
}


def refresh_differences(incremental: Warehouse, refreshed: Warehouse) -> Iterator[str]:
    """Yield every row of any fact or mart that one has and the other has not."""
    if incremental.tables() != refreshed.tables():
        yield f"tables: {incremental.tables()} and {refreshed.tables()}"
    for schema, table in incremental.tables():
        ours, theirs = (w.row_texts(schema, table) for w in (incremental, refreshed))
        yield from (f"{table}: only incremental: {row}" for row in sorted(ours - theirs))
        yield from (f"{table}: only full refresh: {row}" for row in sorted(theirs - ours))


def reading_differences(warehouse: Warehouse, reading: Reading) -> Iterator[Difference]:
    """Yield every cell in which the warehouse and the reading differ."""
    built = {table for _, table in warehouse.tables()}
    for table, expected in {**fact_rows(reading), **event_rows(reading)}.items():
        if table in built:
            yield from differences(table, expected, found_facts(warehouse, table))
    for table, expected in mart_rows(reading).items():
        if table in built:
            yield from differences(table, expected, found_mart(warehouse, table))
    if "agent_concurrency_30min" in built:
        found = keyed(warehouse.rows("marts", "agent_concurrency_30min"), "slot_start")
        expected = half_hour_rows(reading)
        yield from differences("agent_concurrency_30min", expected, found)
        if "staffing_30min" in built:
            found = keyed(warehouse.rows("marts", "staffing_30min"), "slot_start")
            yield from differences("staffing_30min", planned_rows(expected), found)
    for table in FLAGGED.keys() & built:
        yield from flag_differences(warehouse, reading, table)
    if "data_quality_daily" in built:
        expected = quality_rows(reading)
        yield from differences("data_quality_daily", expected, found_quality(warehouse, expected))


def planned_rows(half_hours: Rows) -> Rows:
    """Return what a plan of half hours says of them as they were."""
    told = ("event_date", "arrivals", "abandonments", "is_complete", "is_mature")
    return {key: {name: row[name] for name in told} for key, row in half_hours.items()}


def flag_differences(warehouse: Warehouse, reading: Reading, table: str) -> Iterator[Difference]:
    """Yield every row of a mart that is complete or mature where the reading is not."""
    period, grain = FLAGGED[table]
    rows = [row for row in warehouse.rows("marts", table) if row.get("source") in (None, "support")]
    for row in rows:
        start = cast("date", row[period])
        expected: Row = {
            "is_complete": is_complete(start, grain, reading.facts),
            "is_mature": is_mature(start, grain, reading.facts),
        }
        yield from differences(table, {(start,): expected}, {(start,): row})


def found_facts(warehouse: Warehouse, table: str) -> Rows:
    """Read a fact table with the keys of the reading."""
    rows = warehouse.rows("facts", table)
    if table in BAGS:
        has_length = [row for row in rows if row.get("started_at", 0) != row.get("ended_at", 1)]
        return bag(has_length, *BAGS[table])
    if table == "fct_sessions":
        rows = [{**row, "has_customer": row["customer_id"] is not None} for row in rows]
    return keyed(rows, *KEYS[table])


def found_mart(warehouse: Warehouse, table: str) -> Rows:
    """Read a period table by its start, and what else it has rows for."""
    by = [name for name in ("site", "channel") if table.endswith(f"_by_{name}")]
    return keyed(warehouse.rows("marts", table), "period_start", *MART_KEYS.get(table, by))


def found_quality(warehouse: Warehouse, expected: Rows) -> Rows:
    """Read the rows of data_quality_daily that the reading has, or should have."""
    rows = [row for row in warehouse.rows("marts", "data_quality_daily") if is_support(row)]
    found = keyed(rows, "producer", "event_date")
    telling = {*LOSSES, *QUALITY_COUNTS} - {"landed_count"}
    return {
        key: row
        for key, row in found.items()
        if key in expected or any(row[column] for column in telling)
    }


def is_support(row: Row) -> bool:
    """Whether a row is about producers of the source `support`."""
    return row["source"] == "support" and row["producer"] is not None
