"""Every golden vector through the real loader and one build of the warehouse."""

from __future__ import annotations

from datetime import UTC

import pytest

from tests.golden.stories import AS_OF, ZONE, Vector
from tests.golden.vectors import ALL, all_events
from tests.oracle.compare import equal
from tests.oracle.reading import read
from tests.oracle.rows import Rows, fact_rows, mart_rows
from tests.pipeline.conftest import WarehouseFactory
from tests.property.agreement import found_facts, found_mart, reading_differences
from tests.property.drafts import sent_as
from tests.property.warehouses import Warehouse


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
