"""A run over a sample, its repetition, and what they left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dagster as dg

from orchestration.dagster_instances import open_instance
from orchestration.resources import Workplace
from orchestration.samples.centres import Centre
from orchestration.samples.truths import Truth
from raw_loaders.loading import LoadReport
from tests.property.warehouses import Warehouse

CENTRE = Centre(days=40, sessions_per_day=15, seed=11)


@dataclass
class Listening:
    """Keeps what it hears."""

    sentences: list[str] = field(default_factory=list)
    works: list[str] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        """Keep it."""
        self.sentences.append(sentence)

    def step(self, work: str, what: str, done: int, total: int) -> None:
        """Keep the work's name."""
        assert 0 <= done <= total
        self.works.append(work)


@dataclass(frozen=True)
class Story:
    """A run over a sample, and one more over nothing new."""

    warehouse: Warehouse
    truth: Truth
    first: Workplace
    second: Workplace
    run_ids: tuple[str, str]
    before: dict[tuple[str, str], Counter[str]]
    after: dict[tuple[str, str], Counter[str]]

    @property
    def load(self) -> LoadReport:
        """The first run's landing of the sample."""
        return next(load for load in self.first.loads if load.source == "support")


def contents(warehouse: Warehouse) -> dict[tuple[str, str], Counter[str]]:
    """Give every row of every table that holds events or what follows from them."""
    landed = [
        ("staging", name)
        for name in ("raw_support_events", "objects", "loads", "load_counts", "quarantine")
    ]
    return {table: warehouse.row_texts(*table) for table in [*landed, *warehouse.tables()]}


@contextmanager
def instance_of(warehouse: Warehouse) -> Iterator[dg.DagsterInstance]:
    instance = open_instance(warehouse.settings)
    try:
        yield instance
    finally:
        instance.dispose()
