"""The build protocol: which loads a build reads, as of when, and whether it starts from nothing.

A build is one row of `staging.builds`, see docs/architecture.md. This module holds the locks
and writes the row; it does not know dbt.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from orchestration.database import Database
from orchestration.settings import Settings
from raw_loaders.errors import RetriableError
from raw_loaders.locks import BUILD_LOCK, LANDING_LOCK

# Source: its table in `staging`, whose latest occurred_at is the source's as_of.
EVENT_TABLES = {
    "support": "raw_support_events",
    "qwen_code": "raw_qwen_code_events",
    "coze_studio": "raw_coze_studio_events",
    "ai_admin": "raw_ai_admin_rows",
}


@dataclass(frozen=True, kw_only=True)
class FinishedBuild:
    """What the next build of the same schemas takes from the last finished one.

    `is_before_erasure`: something was erased since, which its tables hold.
    `has_broken_refresh_after`: a full refresh since then did not finish, and may have left views
    dropped, or tables of another definition.
    """

    max_load_id: int
    as_of: Mapping[str, str]
    definition_sha256: str
    is_before_erasure: bool = False
    has_broken_refresh_after: bool = False


@dataclass(frozen=True, kw_only=True)
class Landed:
    """What a build finds: the watermark, the time per source, and where there is more to read.

    `new_sources` are those of which loads after the last finished build brought more than
    duplicates.
    """

    max_load_id: int
    as_of: Mapping[str, str]
    new_sources: Collection[str]


@dataclass(frozen=True, kw_only=True)
class BuildPlan:
    """What one build reads and why; the columns of `staging.builds`, described there.

    `reason` says why it is a full refresh; None when it is not one. `as_of` and
    `previous_as_of` are ISO times in UTC per source. `changed_sources` are those of which a
    line landed, was rejected or was skipped since the last build, or whose `as_of` moved: of the
    others no fact or mart can have changed.
    """

    reason: str | None
    schema_suffix: str
    after_load_id: int
    max_load_id: int
    as_of: Mapping[str, str]
    previous_as_of: Mapping[str, str]
    definition_sha256: str
    changed_sources: frozenset[str]

    @property
    def is_full_refresh(self) -> bool:
        """Whether every table is built from nothing."""
        return self.reason is not None

    @property
    def is_unchanged(self) -> bool:
        """Whether the tables would come out as they are: no new load, time, or definition."""
        return (
            not self.is_full_refresh
            and self.max_load_id == self.after_load_id
            and self.as_of == self.previous_as_of
        )


def plan_build(
    *,
    last: FinishedBuild | None,
    landed: Landed,
    definition_sha256: str,
    explicit_as_of: datetime | None,
    full_refresh: bool,
) -> BuildPlan:
    """Decide what a build reads, from the last finished build of the same schemas."""
    reason = None
    if explicit_as_of is not None:
        reason = "CASEBOOK_AS_OF is set"
    elif last is None:
        reason = "it is the first"
    elif full_refresh:
        reason = "it was asked for"
    elif last.definition_sha256 != definition_sha256:
        reason = "models, seeds, assumptions or the time zone changed"
    elif last.is_before_erasure:
        reason = "something was erased since the last build"
    elif last.has_broken_refresh_after:
        reason = "a full refresh did not finish"
    increment_of = None if reason else last
    previous_as_of = increment_of.as_of if increment_of else {}
    moved = {name for name, moment in landed.as_of.items() if moment != previous_as_of.get(name)}
    return BuildPlan(
        reason=reason,
        schema_suffix=schema_suffix(explicit_as_of),
        after_load_id=increment_of.max_load_id if increment_of else 0,
        max_load_id=landed.max_load_id,
        as_of=landed.as_of,
        previous_as_of=previous_as_of,
        definition_sha256=definition_sha256,
        changed_sources=frozenset(moved.union(landed.new_sources)),
    )


def schema_suffix(explicit_as_of: datetime | None) -> str:
    """Give what a build appends to the names of its schemas: nothing for the live ones."""
    if explicit_as_of is None:
        return ""
    return f"_as_of_{explicit_as_of.astimezone(UTC):%Y%m%dt%H%M%Sz}"


@contextmanager
def one_build_at_a_time(
    database: Database, on_wait: Callable[[str], None]
) -> Iterator[psycopg.Connection]:
    """Hold the build lock on a session of its own, which is yielded, in autocommit mode.

    When another build runs, `on_wait` gets a sentence that says so and this one waits.
    """
    with database.connect(autocommit=True, role="transformer") as connection:
        row = connection.execute("select pg_try_advisory_lock(%s)", (BUILD_LOCK,)).fetchone()
        if row != (True,):
            on_wait("Another build is running; waiting for it to end.")
            connection.execute("select pg_advisory_lock(%s)", (BUILD_LOCK,))
        yield connection


def prepare_plan(
    connection: psycopg.Connection,
    settings: Settings,
    definition_sha256: str,
    *,
    full_refresh: bool = False,
) -> BuildPlan:
    """Read the watermark and the last finished build, and plan the next one.

    Call it inside `one_build_at_a_time`. Writes nothing.
    """
    max_load_id = _read_watermark(connection)
    last = _last_finished(connection, schema_suffix(settings.as_of))
    after_load_id = last.max_load_id if last else 0
    return plan_build(
        last=last,
        landed=Landed(
            max_load_id=max_load_id,
            as_of=_read_as_of(connection, max_load_id, settings.as_of),
            new_sources=_read_new_sources(connection, after_load_id, max_load_id),
        ),
        definition_sha256=definition_sha256,
        explicit_as_of=settings.as_of,
        full_refresh=full_refresh,
    )


def begin_build(connection: psycopg.Connection, plan: BuildPlan, timezone: str) -> int:
    """Write the build's row, which `stg_casebook__builds` shows from now on; gives its id."""
    row = connection.execute(
        """
        insert into staging.builds (
            is_full_refresh, schema_suffix, after_load_id, max_load_id,
            business_timezone, as_of, previous_as_of, definition_sha256
        )
        values (%s, %s, %s, %s, %s, %s, %s, %s)
        returning build_id
        """,
        (
            plan.is_full_refresh,
            plan.schema_suffix,
            plan.after_load_id,
            plan.max_load_id,
            timezone,
            Jsonb(dict(plan.as_of)),
            Jsonb(dict(plan.previous_as_of)),
            plan.definition_sha256,
        ),
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert that returns
    return int(row[0])


def finish_build(connection: psycopg.Connection, build_id: int) -> None:
    """Mark the build finished, on the session that holds the build lock.

    Raises `RetriableError` when that session, and with it the lock, was lost meanwhile.
    """
    try:
        connection.execute(
            "update staging.builds set finished_at = now() where build_id = %s", (build_id,)
        )
    except psycopg.OperationalError as error:
        raise RetriableError(
            "The connection to the database was lost while the build ran: run it again."
        ) from error


def _read_watermark(connection: psycopg.Connection) -> int:
    """Give the greatest committed load_id such that no smaller one is still to be committed.

    The lock is held for this instant only: a chunk being landed ends first, the next ones
    draw greater ids.
    """
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(%s)", (LANDING_LOCK,))
        row = connection.execute("select coalesce(max(load_id), 0) from staging.loads").fetchone()
    return int(row[0]) if row else 0


def _read_as_of(
    connection: psycopg.Connection, max_load_id: int, explicit: datetime | None
) -> dict[str, str]:
    """Give the time per source that the build speaks of; sources without events are left out."""
    if explicit is not None:
        return dict.fromkeys(EVENT_TABLES, explicit.astimezone(UTC).isoformat())
    moments = {}
    for source, table in EVENT_TABLES.items():
        statement = sql.SQL("select max(occurred_at) from staging.{} where load_id <= %s").format(
            sql.Identifier(table)
        )
        row = connection.execute(statement, (max_load_id,)).fetchone()
        if row and row[0] is not None:
            moments[source] = row[0].astimezone(UTC).isoformat()
    return moments


def _read_new_sources(
    connection: psycopg.Connection, after_load_id: int, max_load_id: int
) -> list[str]:
    """Give the sources of which these loads brought more than duplicates."""
    rows = connection.execute(
        """
        select distinct objects.source
        from staging.loads
        inner join staging.objects using (object_id)
        where
            loads.load_id > %s
            and loads.load_id <= %s
            and (
                loads.duplicate_count < loads.read_count
                -- no events, and not read; but metrics may have come with them
                or exists (
                    select from staging.load_counts
                    where
                        load_counts.load_id = loads.load_id
                        and load_counts.outcome = 'skipped'
                )
            )
        """,
        (after_load_id, max_load_id),
    ).fetchall()
    return [source for (source,) in rows]


def _last_finished(connection: psycopg.Connection, suffix: str) -> FinishedBuild | None:
    with connection.cursor(row_factory=class_row(FinishedBuild)) as cursor:
        return cursor.execute(
            """
            select
                max_load_id,
                as_of,
                definition_sha256,
                exists (
                    select from staging.erasures where after_build_id >= build_id
                ) as is_before_erasure,
                exists (
                    select from staging.builds as later
                    where
                        later.build_id > builds.build_id
                        and later.schema_suffix = builds.schema_suffix
                        and later.is_full_refresh
                ) as has_broken_refresh_after
            from staging.builds
            where finished_at is not null and schema_suffix = %s
            order by build_id desc
            limit 1
            """,
            (suffix,),
        ).fetchone()
