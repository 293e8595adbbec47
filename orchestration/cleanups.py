"""Removal of what is kept for a time only: raw bytes of rejected lines, logs of old runs."""

import time
from datetime import UTC, datetime, timedelta

import dagster as dg

from orchestration.resources import Workplace
from raw_loaders.quarantine import expire_raw_quarantine

# Longer than the months a report compares; a run of `daily` leaves about 2 MB of events.
KEEP_RUNS_FOR = timedelta(days=90)
# Runs deleted between two looks at the list.
BATCH = 100
ENDED = [
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
    dg.DagsterRunStatus.CANCELED,
]


@dg.op(description="Delete bytes of rejected lines whose 30 days are over. Where they lay stays.")
def expire_quarantine(
    context: dg.OpExecutionContext, workplace: dg.ResourceParam[Workplace]
) -> None:
    """Delete expired raw bytes from the quarantine, and log how many lines they were of."""
    with workplace.database.connect(role="eraser") as connection:
        deleted = expire_raw_quarantine(connection)
    context.log.info(f"The bytes of {deleted} rejected lines were deleted.")


@dg.op(description="Delete runs that ended more than 90 days ago, with their event logs.")
def delete_old_runs(context: dg.OpExecutionContext) -> None:
    """Delete old runs from Dagster's database, and log how many."""
    before = datetime.fromtimestamp(time.time(), UTC) - KEEP_RUNS_FOR
    old = dg.RunsFilter(statuses=ENDED, created_before=before)
    deleted = 0
    while runs := context.instance.get_runs(old, limit=BATCH):
        for run in runs:
            context.instance.delete_run(run.run_id)
        deleted += len(runs)
    context.log.info(f"{deleted} runs were deleted.")
