"""What is run as a whole. What it consists of is said by the assets, when by the schedules."""

from __future__ import annotations

import dagster as dg

# Steps share one process: a new one costs 5 to 8 s of imports, the daily work on an empty day 2.
daily = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all(),
    description="Land what is new, build facts and marts from it, check them.",
    executor_def=dg.in_process_executor,
)

JOBS = (daily,)
