"""When jobs run, in the business time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from orchestration.jobs import cleanup, daily, land
from orchestration.sensors import is_landing

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


def build_schedules(zone: ZoneInfo) -> list[dg.ScheduleDefinition]:
    """Give the schedules of a company whose days are those of `zone`."""

    @dg.schedule(
        name="every_few_minutes",
        job=land,
        cron_schedule="*/5 * * * *",
        execution_timezone=zone.key,
        description="Land every five minutes, unless it still does. Off until switched on.",
    )
    def every_few_minutes(
        context: dg.ScheduleEvaluationContext,
    ) -> dg.RunRequest | dg.SkipReason:
        if is_landing(context.instance):
            return dg.SkipReason("A run of land is under way.")
        return dg.RunRequest()

    return [
        dg.ScheduleDefinition(
            name="every_night",
            job=daily,
            # After midnight, when the day before is over and its last files have settled.
            cron_schedule="15 2 * * *",
            execution_timezone=zone.key,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="Land, build and check, at 02:15 of the business day.",
        ),
        dg.ScheduleDefinition(
            name="every_week",
            job=cleanup,
            cron_schedule="45 1 * * 0",
            execution_timezone=zone.key,
            default_status=dg.DefaultScheduleStatus.RUNNING,
            description="Remove what has been kept long enough, on Sundays at 01:45.",
        ),
        every_few_minutes,
    ]
