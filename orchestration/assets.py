"""What can be materialized: the landed sources and the dbt project on top of them.

A body says what is called; how a load or a build works is not here.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
from dagster_dbt import dbt_assets
from pydantic import Field

from orchestration.builds import EVENT_TABLES
from orchestration.lineages import OWNERS, STAGING, VIEW, NodeReports, Reported, Translator
from orchestration.processes import sign_run
from orchestration.rebuilt_days import read_days
from orchestration.resources import Workplace
from orchestration.retries import retried
from orchestration.streams import stream
from raw_loaders.loading import LoadReport

# One build at a time; the database's own lock backs it up.
BUILD_POOL = "build"
# The step that is one build.
WAREHOUSE = "warehouse"


def landed_key(source: str) -> dg.AssetKey:
    """Give the key of a source's raw table, which is also that of its dbt source."""
    return dg.AssetKey([STAGING, EVENT_TABLES[source]])


def landing_asset(source: str, description: str) -> dg.AssetsDefinition:
    """Give the asset that lands what is new of a source."""
    key = landed_key(source)

    @dg.asset(
        key=key,
        group_name=source,
        kinds={"python", "postgres"},
        owners=OWNERS,
        description=description,
        check_specs=[
            dg.AssetCheckSpec(
                "reads_every_object",
                asset=key,
                description="Every object of the landing place could be read to its end.",
            )
        ],
    )
    def land(
        context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
    ) -> Iterator[Reported]:
        sign_run(context.op_execution_context)
        with retried(context.op_execution_context):
            report = workplace.land(source)
        yield dg.MaterializeResult(
            metadata=landing_metadata(report),
            check_results=[
                dg.AssetCheckResult(
                    passed=not report.failed, metadata={"failures": "\n".join(report.failed)}
                )
            ],
        )

    return land


def landing_metadata(report: LoadReport) -> dict[str, int | float]:
    """Give what a landing did, by the names the UI shows."""
    return {
        "rows": report.landed,
        "bytes": report.bytes,
        "seconds": round(report.seconds, 3),
        "objects": report.objects_landed,
        "duplicates": report.duplicate,
        "quarantined": report.quarantined.total(),
        **{f"quarantined/{why}": count for why, count in sorted(report.quarantined.items())},
    }


class BuildConfig(dg.Config):
    """How a build launched in the UI differs from the nightly one."""

    full_refresh: bool = Field(default=False, description="Build every table from nothing.")
    from_date: str | None = Field(
        default=None, description="First local day, YYYY-MM-DD, of those computed again."
    )
    to_date: str | None = Field(default=None, description="Last local day of those.")


def warehouse_assets(manifest: Path, zone: ZoneInfo) -> dg.AssetsDefinition:
    """Give the assets of all dbt models and seeds, built together by one dbt invocation.

    Tables of marts are late when the night of `zone` did not write them, be it for want of new
    events; views say what is there.
    """

    @dbt_assets(
        manifest=manifest,
        name=WAREHOUSE,
        exclude="resource_type:unit_test",
        dagster_dbt_translator=Translator(),
        pool=BUILD_POOL,
    )
    def warehouse(
        context: dg.AssetExecutionContext,
        config: BuildConfig,
        workplace: dg.ResourceParam[Workplace],
    ) -> Iterator[Reported]:
        reports = NodeReports(context)
        build = partial(
            workplace.build,
            full_refresh=config.full_refresh,
            days=read_days(config.from_date, config.to_date),
        )
        sign_run(context.op_execution_context)
        with retried(context.op_execution_context):
            for node in stream(build):
                yield from reports.report(node)

    def with_deadline(spec: dg.AssetSpec) -> dg.AssetSpec:
        if spec.key.path[0] != "marts" or VIEW in spec.kinds:
            return spec
        return spec.replace_attributes(freshness_policy=policy)

    policy = dg.FreshnessPolicy.cron(
        deadline_cron="0 6 * * *", lower_bound_delta=timedelta(hours=6), timezone=zone.key
    )
    return warehouse.map_asset_specs(with_deadline)
