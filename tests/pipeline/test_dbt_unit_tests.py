"""The unit tests of the dbt project: one per rule, on rows made for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from orchestration.assumptions import seeds_in_force
from orchestration.dbt_runs import PROFILES, PROJECT, dbt_environment, run_dbt

if TYPE_CHECKING:
    from tests.pipeline.conftest import WarehouseFactory

LINE = {
    "specversion": "1.0",
    "id": "1",
    "source": "/bot",
    "type": "session.start",
    "time": "2025-12-01T08:00:00Z",
    "data": {"session_id": "s", "channel": "web"},
}


def test_every_unit_test_of_the_project_passes(new_warehouse: WarehouseFactory) -> None:
    warehouse = new_warehouse("unit_tests")
    warehouse.land("one", [json.dumps(LINE)])
    # They take the types of a model's inputs from its tables.
    warehouse.build()
    home = warehouse.settings.home
    folders = {
        "--project-dir": PROJECT,
        "--profiles-dir": PROFILES,
        "--target-path": home / "dbt" / "target",
        "--log-path": home / "dbt" / "logs",
    }
    run_dbt(
        ["test", "--select", "test_type:unit", *(f"{k}={v}" for k, v in folders.items())],
        dbt_environment(warehouse.database, warehouse.suffix, seeds_in_force(warehouse.settings)),
    )
