"""Incremental = full refresh = independent reading, whatever the order of arrival.

`make test` runs one world of a fixed seed; `make torture` goes on with new seeds for
TORTURE_SECONDS or TORTURE_TRIALS. How a trial is counted: tests/property/trials.py.
"""

from __future__ import annotations

import os
import time
from itertools import count
from pathlib import Path

import pytest

from tests.pipeline.conftest import WarehouseFactory
from tests.property.figures import write_figures
from tests.property.trials import Trial, draw_world

# Of the worlds in `make test`: each batch takes two builds, whatever the world's size.
SEEDS = ("first",)
CENTRES, BATCHES = 120, 2
# A world of `make torture`.
TORTURE_CENTRES, TORTURE_BATCHES = 1000, 6


def run_world(
    new_warehouse: WarehouseFactory, tmp_path: Path, seed: str, *, centres: int, batches: int
) -> int:
    """Run one world in two fresh warehouses; returns the number of clean trials."""
    world = draw_world(seed, centre_count=centres, batch_count=batches)
    write_figures(world.figures, tmp_path)
    values = {"TIMEZONE": world.epoch.zone, "ASSUMPTIONS": str(tmp_path)}
    incremental = new_warehouse("incremental", **values)
    refreshed = new_warehouse("refreshed", **values)
    return Trial(world, incremental, refreshed).run()


@pytest.mark.parametrize("seed", SEEDS)
def test_property_any_arrival_gives_the_same_tables(
    new_warehouse: WarehouseFactory, tmp_path: Path, seed: str
) -> None:
    assert run_world(new_warehouse, tmp_path, seed, centres=CENTRES, batches=BATCHES) == CENTRES


@pytest.mark.torture
def test_property_holds_for_hours(new_warehouse: WarehouseFactory, tmp_path: Path) -> None:
    seconds = float(os.environ.get("TORTURE_SECONDS", "3600"))
    trials = int(os.environ.get("TORTURE_TRIALS", "1000000"))
    series = os.environ.get("TORTURE_SEED", f"{time.time_ns():x}")
    began = time.monotonic()
    clean = 0
    for number in count(1):
        seed = f"{series}-{number}"
        clean += run_world(
            new_warehouse, tmp_path, seed, centres=TORTURE_CENTRES, batches=TORTURE_BATCHES
        )
        elapsed = time.monotonic() - began
        print(f"{seed}: {clean} clean trials in {elapsed:.0f} s", flush=True)  # noqa: T201
        if clean >= trials or elapsed >= seconds:
            break
    assert clean >= min(trials, TORTURE_CENTRES)
