"""What can be materialized: the landed sources and the dbt project on top of them.

A body says what is called; how a load or a build works is not here.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import dagster as dg
from dagster_dbt import dbt_assets
from pydantic import Field

from orchestration.builds import EVENT_TABLES
from orchestration.lineages import OWNERS, STAGING, NodeReports, Reported, Translator
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


def warehouse_assets(manifest: Path) -> dg.AssetsDefinition:
    """Give the assets of all dbt models and seeds, built together by one dbt invocation."""

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
        build = partial(workplace.build, full_refresh=config.full_refresh)
        with retried(context.op_execution_context):
            for node in stream(build):
                yield from reports.report(node)

    return warehouse
