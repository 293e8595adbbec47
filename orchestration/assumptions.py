"""A company's own figures: CSV files that stand in for the seeds of the same name."""

from __future__ import annotations

from pathlib import Path

from orchestration.dbt_runs import SEEDS
from orchestration.settings import Settings


def seeds_in_force(settings: Settings) -> Path:
    """Give the folder dbt reads its seeds from."""
    return SEEDS if settings.assumptions is None else settings.assumptions
