"""One whole build in this process: lock, plan, dbt, staffing, and the row that says it is finished.

What `casebook build` and `casebook run` call, and nothing but the order of those steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from orchestration.assumptions import seeds_in_force
from orchestration.builds import (
    BuildPlan,
    begin_build,
    finish_build,
    one_build_at_a_time,
    prepare_plan,
)
from orchestration.database import Database
from orchestration.dbt_runs import (
    PROJECT,
    Progress,
    dbt_arguments,
    dbt_environment,
    forget_parse,
    run_dbt,
    target_folder,
    tell_warnings,
)
from orchestration.fingerprints import definition_sha256
from orchestration.rebuilt_days import Days, plan_days_again
from orchestration.roles import assume_role, open_schemas
from orchestration.settings import Settings
from orchestration.staffing_tables import TABLE, write_staffing


@dataclass(frozen=True, kw_only=True)
class BuildOutcome:
    """What a build did; `build_id` is None when there was nothing to do."""

    build_id: int | None
    plan: BuildPlan
    seconds: float


def build_warehouse(
    settings: Settings,
    database: Database,
    *,
    full_refresh: bool = False,
    days: Days | None = None,
    say: Callable[[str], None],
    on_progress: Callable[[Progress], None] | None = None,
) -> BuildOutcome:
    """Build facts and marts from what has landed; nothing when they are already up to date.

    `days` are computed again with whatever has landed since their first event did.
    `say` gets sentences worth a line: that the build waits, why it starts from nothing, or which
    check warns.
    Raises a `CasebookError` of `orchestration.dbt_runs` when dbt fails: what was built until
    then stays, and the next build does it again.
    """
    began = time.monotonic()
    with one_build_at_a_time(database, say) as connection:
        seeds = seeds_in_force(settings)
        definition = definition_sha256(PROJECT, seeds, settings.timezone.key)
        plan = prepare_plan(connection, settings, definition, full_refresh=full_refresh)
        if days is not None:
            plan = plan_days_again(connection, plan, days, settings.timezone)
        if plan.is_unchanged:
            return BuildOutcome(build_id=None, plan=plan, seconds=time.monotonic() - began)
        if plan.reason is not None:
            say(f"This build starts from nothing: {plan.reason}.")
        if plan.schema_suffix:
            open_schemas(database, plan.schema_suffix)
        forget_parse(target_folder(settings.home, plan.schema_suffix), definition)
        build_id = begin_build(connection, plan, settings.timezone.key)
        run_dbt(
            dbt_arguments(
                settings.home,
                full_refresh=plan.is_full_refresh,
                schema_suffix=plan.schema_suffix,
                changed_sources=plan.changed_sources,
            ),
            dbt_environment(
                database, plan.schema_suffix, seeds, assume_role(connection, "transformer") or ""
            ),
            tell_warnings(say, on_progress),
        )
        if plan.is_full_refresh or "support" in plan.changed_sources:
            _plan_staffing(connection, build_id, plan, on_progress)
        finish_build(connection, build_id)
    return BuildOutcome(build_id=build_id, plan=plan, seconds=time.monotonic() - began)


def _plan_staffing(
    connection: psycopg.Connection,
    build_id: int,
    plan: BuildPlan,
    on_progress: Callable[[Progress], None] | None,
) -> None:
    """Write the one mart that SQL cannot, and report it as dbt reports its models."""
    began = time.monotonic()
    rows = write_staffing(
        connection, build_id, plan.schema_suffix, is_full_refresh=plan.is_full_refresh
    )
    if on_progress:
        on_progress(
            Progress(
                unique_id=TABLE,
                name=TABLE,
                done=1,
                total=1,
                status="success",
                seconds=time.monotonic() - began,
                row_count=rows,
            )
        )
