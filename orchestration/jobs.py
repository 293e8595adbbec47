"""What is run as a whole. What it consists of is said by the assets, when by the schedules."""

import dagster as dg

from orchestration.assets import WAREHOUSE, landed_key
from orchestration.cleanups import delete_old_runs, expire_quarantine
from orchestration.report_assets import PAGE
from orchestration.sources import SOURCES

# Run monitoring ends a run that takes longer: something hangs.
LONGEST_SECONDS = {
    "land": 3 * 3600,
    "daily": 12 * 3600,
    "full_refresh": 24 * 3600,
    "cleanup": 3600,
    "report": 3600,
}


def _limits(job: str) -> dict[str, str]:
    return {"dagster/max_runtime": str(LONGEST_SECONDS[job])}


# Steps share one process: a new one costs 5 to 8 s of imports, the daily work on an empty day 2.
daily = dg.define_asset_job(
    "daily",
    # Pages of single months are made by the job `report`; a partitioned asset cannot be in here.
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(PAGE),
    description="Land what is new, build facts and marts from it, check them.",
    executor_def=dg.in_process_executor,
    tags=_limits("daily"),
)

land = dg.define_asset_job(
    "land",
    selection=dg.AssetSelection.assets(*(landed_key(source) for source in SOURCES)),
    description="Land what is new, and check that no line went missing. Builds nothing.",
    executor_def=dg.in_process_executor,
    tags=_limits("land"),
)

full_refresh = dg.define_asset_job(
    "full_refresh",
    selection=dg.AssetSelection.key_prefixes(["facts"], ["marts"], ["intermediate"], ["seeds"]),
    description="Build every table from nothing, out of what has landed.",
    config={"ops": {WAREHOUSE: {"config": {"full_refresh": True}}}},
    executor_def=dg.in_process_executor,
    tags=_limits("full_refresh"),
)

report = dg.define_asset_job(
    "report",
    selection=dg.AssetSelection.assets(PAGE),
    description="Write the business case page of a month, or of many as a backfill.",
    executor_def=dg.in_process_executor,
    tags=_limits("report"),
)


@dg.job(
    description="Delete raw bytes of rejected lines after 30 days, and run logs after 90.",
    executor_def=dg.in_process_executor,
    tags=_limits("cleanup"),
)
def cleanup() -> None:
    """Remove what is kept for a time only."""
    expire_quarantine()
    delete_old_runs()


JOBS = (daily, land, full_refresh, cleanup, report)
