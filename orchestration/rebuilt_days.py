"""The days of `casebook build --from --to`: which they are, and what computes them again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from orchestration.builds import EVENT_TABLES, BuildPlan
from raw_loaders.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class Days:
    """Local days that a build computes again; both ends are among them."""

    first: date
    last: date


def read_days(first: str | None, last: str | None) -> Days | None:
    """Read two dates, as given by a person; None when neither is.

    Raises `SettingsError` when one is missing, no date, or after the other.
    """
    if first is None and last is None:
        return None
    try:
        days = Days(first=date.fromisoformat(first or ""), last=date.fromisoformat(last or ""))
    except ValueError as error:
        raise SettingsError(
            f"From {first or 'nothing'} to {last or 'nothing'}: both must be dates such as "
            "2025-12-31."
        ) from error
    if days.first > days.last:
        raise SettingsError(f"{first} is after {last}: give the earlier day first.")
    return days


def plan_days_again(
    connection: psycopg.Connection, plan: BuildPlan, days: Days, zone: ZoneInfo
) -> BuildPlan:
    """Let the loads from the first one of these days on count as new once more.

    A full refresh computes them anyway and stays as it is. Raises `SettingsError` when no event
    of `days` has landed.
    """
    if plan.is_full_refresh:
        return plan
    return replace(
        plan,
        after_load_id=min(plan.after_load_id, _first_load_of(connection, days, zone) - 1),
        changed_sources=frozenset(EVENT_TABLES),
    )


def _first_load_of(connection: psycopg.Connection, days: Days, zone: ZoneInfo) -> int:
    """Give the first load with an event of these local days."""
    begin = datetime.combine(days.first, time(), zone)
    end = datetime.combine(days.last + timedelta(days=1), time(), zone)
    found = []
    for table in EVENT_TABLES.values():
        statement = sql.SQL(
            "select min(load_id) from staging.{} where occurred_at >= %s and occurred_at < %s"
        ).format(sql.Identifier(table))
        row = connection.execute(statement, (begin, end)).fetchone()
        if row and row[0] is not None:
            found.append(int(row[0]))
    if not found:
        raise SettingsError(f"No event from {days.first} to {days.last} has landed.")
    return min(found)
