"""Remembers what was published, and reads what was published before."""

from __future__ import annotations

import json
from datetime import date

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from orchestration.reports.changes import History, Snapshot
from orchestration.reports.figures import FIGURES
from orchestration.reports.marts import Month


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
        # What is told of the month is no figure.
        for name in ("period_start", "is_complete", "is_mature"):
            row.pop(name, None)
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
    if not earlier or not current.is_complete:
        return History(current, None, {})
    return History(
        current, earlier[0], _read_landed_since(connection, month.start, earlier[0], current)
    )


def _read_landed_since(
    connection: psycopg.Connection, start: date, before: Snapshot, now: Snapshot
) -> dict[str, int]:
    """Count the month's events by name that landed between two builds."""
    return dict(
        connection.execute(
            """
            select counts.event_name, sum(counts.line_count)::bigint
            from staging.load_counts as counts
            inner join staging.loads as loads on counts.load_id = loads.load_id
            inner join staging.objects as objects on loads.object_id = objects.object_id
            where
                objects.source = 'support' and counts.outcome = 'landed'
                and counts.event_name is not null
                and counts.load_id > %s and counts.load_id <= %s
                and counts.event_date >= %s and counts.event_date < %s + interval '1 month'
            group by counts.event_name
            """,
            (before.max_load_id, now.max_load_id, start, start),
        ).fetchall()
    )


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
