"""The story that all modules here read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestration.resources import Workplace
from orchestration.runs import run_daily
from orchestration.samples.writers import write_sample
from tests.pipeline.conftest import WarehouseFactory
from tests.pipeline.daily_run.stories import CENTRE, Listening, Story, contents


@pytest.fixture(scope="package")
def story(new_warehouse: WarehouseFactory) -> Iterator[Story]:
    """Tell it once for all modules here: each test leaves the contents as they were."""
    with pytest.MonkeyPatch.context() as patch:
        # Other tests' settings stay out; those of Dagster's home do not leak into them.
        for name in ("DAGSTER_HOME", "DAGSTER_CASEBOOK_POSTGRES_URL"):
            patch.delenv(name, raising=False)
        warehouse = new_warehouse("daily")
        truth = write_sample(CENTRE, Path(warehouse.settings.landing), prefix="events-")
        first = Workplace(warehouse.settings, Listening())
        first_id = run_daily(first)
        before = contents(warehouse)
        second = Workplace(warehouse.settings, Listening())
        second_id = run_daily(second)
        yield Story(
            warehouse, truth, first, second, (first_id, second_id), before, contents(warehouse)
        )
