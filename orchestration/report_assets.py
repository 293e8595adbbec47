"""The business case pages as assets: one of any month, and the last complete month's each day."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import dagster as dg

from orchestration.lineages import OWNERS
from orchestration.reports.figures import MARTS
from orchestration.resources import Workplace

if TYPE_CHECKING:
    from orchestration.reports.publishing import Page

GROUP = "reports"
PAGE = dg.AssetKey(["reports", "business_case"])
# No event is older: the loaders reject what is timed before.
FIRST_MONTH = "2000-01-01"
UPSTREAM = [dg.AssetKey(["marts", mart]) for mart in MARTS]


def page_asset(zone: ZoneInfo) -> dg.AssetsDefinition:
    """Give the page of a month, partitioned by the months of `zone`, the running one included."""

    @dg.asset(
        key=PAGE,
        group_name=GROUP,
        deps=UPSTREAM,
        kinds={"html", "postgres"},
        owners=OWNERS,
        partitions_def=dg.MonthlyPartitionsDefinition(
            start_date=FIRST_MONTH, timezone=zone.key, end_offset=1
        ),
        description="A month's business case: one HTML file that needs nothing else.",
    )
    def business_case(
        context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
    ) -> dg.MaterializeResult[Any]:
        month = datetime.fromisoformat(context.partition_key).date()
        page = workplace.publish(month)
        return dg.MaterializeResult(metadata=_metadata(page) if page else {})

    return business_case


@dg.asset(
    key=["reports", "latest_business_case"],
    group_name=GROUP,
    deps=UPSTREAM,
    kinds={"html", "postgres"},
    owners=OWNERS,
    description=(
        "The business case of the last complete month, made again after every build with "
        "something new, as late events still move it. It is the same file as that month's "
        "partition of business_case."
    ),
)
def latest_page(
    context: dg.AssetExecutionContext, workplace: dg.ResourceParam[Workplace]
) -> Iterator[dg.MaterializeResult[Any]]:
    """Write it, and say so at its month's partition as well."""
    page = workplace.publish()
    if page is not None:
        metadata = _metadata(page)
        context.log_event(
            dg.AssetMaterialization(PAGE, partition=page.month.isoformat(), metadata=metadata)
        )
        yield dg.MaterializeResult(metadata={"month": f"{page.month:%Y-%m}", **metadata})
    else:
        yield dg.MaterializeResult(metadata={"month": "none: no support events yet"})


def _metadata(page: "Page") -> dict[str, Any]:
    return {
        "path": dg.MetadataValue.path(str(page.path)),
        "build": page.build_id,
        "numbers changed": page.changed_count,
        "complete month": page.is_complete,
    }
