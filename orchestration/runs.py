"""The daily job as one Dagster run in this process, recorded where `casebook dev` shows it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.dagster_instances import open_instance
from orchestration.definitions import assemble
from orchestration.processes import PROCESS_TAG, close_dead_runs, this_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestration.resources import Workplace
    from orchestration.settings import Settings

# Of a connection that the run keeps open: a new one for each event costs 4 ms, a run has 500.
STATEMENT_TIMEOUT_MS = 60_000
RECYCLE_SECONDS = 3600
MAX_OVERFLOW = 20


def run_daily(workplace: Workplace) -> str:
    """Land, build and check in a run of the job `daily`; give the run's id.

    What it did is in `workplace`. Raises what the failing step raised, or KeyboardInterrupt,
    after the run was recorded as failed.
    """
    with _pooled_instance(workplace.settings) as instance:
        close_dead_runs(instance)
        job = assemble(workplace).resolve_job_def("daily")
        try:
            result = job.execute_in_process(
                instance=instance,
                # The listener tells the person; the event log keeps the rest.
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                tags={PROCESS_TAG: this_process()},
            )
        except dg.DagsterExecutionInterruptedError as error:
            raise KeyboardInterrupt from error
    return result.run_id


@contextmanager
def _pooled_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    instance = open_instance(settings)
    instance.optimize_for_webserver(STATEMENT_TIMEOUT_MS, RECYCLE_SECONDS, MAX_OVERFLOW)
    try:
        yield instance
    finally:
        instance.dispose()
