"""What every support mart's columns promise, read from their contracts; no dbt is needed."""

from __future__ import annotations

import pytest
import yaml

from orchestration import staffing_tables
from orchestration.dbt_runs import PROJECT
from orchestration.traces.marts import MARTS, PERCENTILES

CONTRACTS = PROJECT / "dbt_project" / "models" / "marts" / "support"
PERIOD_KEYS = {"period_start", "event_date", "slot_start"}
FLAGS = ("is_complete", "is_mature")

# Mart, then column and type.
Columns = dict[str, dict[str, str]]


def read_columns() -> Columns:
    """Give the columns of every mart of `models/marts/support`, and of the one Python writes."""
    found = {staffing_tables.TABLE: {name: of[0] for name, of in staffing_tables.COLUMNS.items()}}
    for path in CONTRACTS.glob("*.yml"):
        for model in yaml.safe_load(path.read_text()).get("models", []):
            found[model["name"]] = {of["name"]: of["data_type"] for of in model["columns"]}
    return found


COLUMNS = read_columns()


@pytest.mark.parametrize("mart", sorted(COLUMNS))
def test_every_period_row_says_whether_it_is_complete_and_mature(mart: str) -> None:
    """`data_quality_daily`, `_monthly`, `cost_assumptions_monthly` and others said neither."""
    columns = COLUMNS[mart]
    assert PERIOD_KEYS & columns.keys(), "a mart without a period: name its key above"
    assert {name: columns.get(name) for name in FLAGS} == dict.fromkeys(FLAGS, "boolean")


@pytest.mark.parametrize("mart", sorted(MARTS.keys() & COLUMNS.keys()))
def test_what_a_rate_rests_on_stands_beside_it(mart: str) -> None:
    """`business_case_monthly` gave service_level_30s and reopen_rate without their counts."""
    columns, rests_on = COLUMNS[mart], MARTS[mart].rests_on
    for column in columns:
        name = column.removeprefix("previous_")
        base, _, kind = name.rpartition("_")
        counts = rests_on.get(name) or (rests_on.get(base) if kind in PERCENTILES else None)
        prefix = column.removesuffix(name)
        missing = {f"{prefix}{count}" for count in counts or ()} - columns.keys()
        assert not missing, f"{column} stands without {sorted(missing)}"
