"""What was published before, and how the numbers differ from it and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from orchestration.reports.figures import FIGURES, QUALITY
from orchestration.reports.marts import Month
from orchestration.reports.wording import Text

LANDED = f"{QUALITY}.landed_count"


@dataclass(frozen=True)
class Snapshot:
    """One version of a page: its numbers by `mart.column`, as text, and its build."""

    snapshot_id: int
    build_id: int
    published_at: datetime
    is_complete: bool
    assumptions: list[dict[str, Any]]
    numbers: dict[str, str | None]
    max_load_id: int
    definition_sha256: str
    business_timezone: str
    as_of: str | None


@dataclass(frozen=True)
class Change:
    """A number that was published otherwise before."""

    key: str
    before: Decimal | None
    now: Decimal | None


@dataclass(frozen=True)
class History:
    """The current version and the complete one before it, None where there is none."""

    current: Snapshot
    previous: Snapshot | None

    @property
    def changes(self) -> list[Change]:
        """Give the numbers that differ, in the page's order."""
        if self.previous is None:
            return []
        before, now = self.previous.numbers, self.current.numbers
        return [
            Change(key, _exact(before[key]), _exact(now[key]))
            for key in (figure.key for figure in FIGURES.values())
            if key in before and key in now and before[key] != now[key]
        ]

    @property
    def reasons(self) -> list[Text]:
        """Say what changed between the two builds that can move numbers."""
        before, now = self.previous, self.current
        return [] if before is None else _reasons(before, now)


def _reasons(before: Snapshot, now: Snapshot) -> list[Text]:
    reasons = []
    if before.assumptions != now.assumptions:
        reasons.append(Text("成本假设已变更", "the cost assumptions changed"))
    if before.business_timezone != now.business_timezone:
        reasons.append(Text("业务时区已变更", "the business time zone changed"))
    if before.definition_sha256 != now.definition_sha256 and not reasons:
        reasons.append(
            Text(
                "指标定义或其他假设（SLA 目标、状态、营业时间）已变更",
                "a definition, or another assumption (SLA targets, statuses, hours), changed",
            )
        )
    late = (_exact(now.numbers.get(LANDED)) or 0) - (_exact(before.numbers.get(LANDED)) or 0)
    if late > 0:
        reasons.append(
            Text(
                f"此后又有 {late:,} 个属于本月的事件迟到入库",
                f"{late:,} late events of this month have landed since",
            )
        )
    elif before.max_load_id != now.max_load_id:
        reasons.append(
            Text(
                "此后入库的事件影响了本月的会话或工单",
                "events that landed since bear on this month's sessions or tickets",
            )
        )
    if before.as_of != now.as_of:
        reasons.append(
            Text(
                f"数据时点由 {before.as_of} 推进到 {now.as_of}，此前未定的会话与工单已有结果",
                f"the data now reach {now.as_of} instead of {before.as_of}: what was undecided "
                "then has been decided",
            )
        )
    return reasons


def remember(connection: psycopg.Connection, month: Month) -> History:
    """Record the month's numbers if they are new; give them beside the version before.

    Commits nothing. Only complete months are compared.
    """
    site = month.site or ""
    connection.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{month.start} {site}",)
    )
    numbers = {
        figure.key: None if month.values[figure.key] is None else str(month.values[figure.key])
        for figure in FIGURES.values()
    }
    assumptions = json.loads(month.assumptions.to_json(orient="records", date_format="iso"))
    for row in assumptions:
        row.pop("period_start", None)
    versions = _read(connection, month.start, site)
    last = versions[0] if versions else None
    if last is None or (last.numbers, last.assumptions, last.is_complete) != (
        numbers, assumptions, month.is_complete,
    ):  # fmt: skip
        connection.execute(
            """
            insert into staging.report_snapshots
                (period_start, site, build_id, is_complete, assumptions, numbers)
            values (%s, %s, %s, %s, %s, %s)
            """,
            (
                month.start, site, month.build.build_id, month.is_complete,
                Jsonb(assumptions), Jsonb(numbers),
            ),
        )  # fmt: skip
        versions = _read(connection, month.start, site)
    current = versions[0]
    earlier = [version for version in versions[1:] if version.is_complete]
    return History(current, earlier[0] if earlier and current.is_complete else None)


def _read(connection: psycopg.Connection, start: date, site: str) -> list[Snapshot]:
    """Give the versions of a page, the latest first."""
    with connection.cursor(row_factory=class_row(Snapshot)) as cursor:
        return cursor.execute(
            """
            select
                snapshots.snapshot_id, snapshots.build_id, snapshots.published_at,
                snapshots.is_complete, snapshots.assumptions, snapshots.numbers,
                builds.max_load_id, builds.definition_sha256, builds.business_timezone,
                to_char(
                    (builds.as_of ->> 'support')::timestamptz
                    at time zone builds.business_timezone,
                    'YYYY-MM-DD HH24:MI'
                ) as as_of
            from staging.report_snapshots as snapshots
            inner join staging.builds as builds on snapshots.build_id = builds.build_id
            where snapshots.period_start = %s and snapshots.site = %s
            order by snapshots.snapshot_id desc
            """,
            (start, site),
        ).fetchall()


def _exact(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
