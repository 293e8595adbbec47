"""When jobs run, in the business time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from orchestration.jobs import daily

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def build_schedules(zone: ZoneInfo) -> list[dg.ScheduleDefinition]:
    """Give the schedules of a company whose days are those of `zone`."""
    return [
        dg.ScheduleDefinition(
            name="every_night",
            job=daily,
            # After midnight, when the day before is over and its last files have settled.
            cron_schedule="15 2 * * *",
            execution_timezone=zone.key,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="Land, build and check, at 02:15 of the business day.",
        )
    ]
