"""What the warehouse says of itself: landed, waiting, rejected and built."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from raw_loaders.errors import ObjectError
from raw_loaders.ledger import read_signatures
from raw_loaders.object_loaders import landing_carrier
from raw_loaders.redis_streams import count_entries
from raw_loaders.sources import find_source


@dataclass(frozen=True, kw_only=True)
class SourceStatus:
    """One source that has landed something; counts are of lines, `object_count` of files."""

    source: str
    object_count: int
    landed_count: int
    duplicate_count: int
    last_loaded_at: datetime


@dataclass(frozen=True, kw_only=True)
class BuildStatus:
    """The last finished build of the live schemas, and the loads it has not read."""

    build_id: int
    finished_at: datetime
    max_load_id: int
    unread_load_count: int


def read_sources(connection: psycopg.Connection) -> list[SourceStatus]:
    """Read one status per source, from the ledger alone."""
    with connection.cursor(row_factory=class_row(SourceStatus)) as cursor:
        return cursor.execute(
            """
            select
                objects.source,
                count(distinct objects.object) as object_count,
                sum(loads.landed_count)::bigint as landed_count,
                sum(loads.duplicate_count)::bigint as duplicate_count,
                max(loads.loaded_at) as last_loaded_at
            from staging.loads as loads
            inner join staging.objects as objects on loads.object_id = objects.object_id
            group by objects.source
            order by objects.source
            """
        ).fetchall()


def read_stream_losses(connection: psycopg.Connection) -> list[tuple[str, int, datetime]]:
    """Read Redis stream, entries trimmed before they were read, and when that was last noticed."""
    return connection.execute(
        """
        select stream, sum(entry_count)::bigint as entry_count, max(noticed_at) as noticed_at
        from staging.stream_losses
        group by stream
        order by stream
        """
    ).fetchall()


def read_last_build(connection: psycopg.Connection) -> BuildStatus | None:
    """Read the last finished build; None before the first."""
    with connection.cursor(row_factory=class_row(BuildStatus)) as cursor:
        return cursor.execute(
            """
            select
                builds.build_id,
                builds.finished_at,
                builds.max_load_id,
                (
                    select count(*)
                    from staging.loads as loads
                    where loads.load_id > builds.max_load_id
                ) as unread_load_count
            from staging.builds as builds
            where builds.finished_at is not null and builds.schema_suffix = ''
            order by builds.build_id desc
            limit 1
            """
        ).fetchone()


def count_waiting_objects(
    connection: psycopg.Connection, landing: str, sources: Iterable[str]
) -> dict[str, int]:
    """Count per source the files or objects that have not landed to their end as they are now.

    One that landed within two seconds of its last change counts until the next load, which
    reads it once more. Raises `RetriableError` when the bucket cannot be listed.
    """
    waiting = {}
    for source in sources:
        finished = read_signatures(connection, source)
        waiting[source] = sum(
            isinstance(found, ObjectError) or finished.get(found.name) != found.signature
            for found in landing_carrier(landing, source).find()
        )
    return waiting


def count_waiting_entries(url: str, sources: Iterable[str]) -> dict[str, int]:
    """Count the entries that wait per source that has a Redis stream.

    Raises `RetriableError` when Redis is away.
    """
    return {name: count_entries(url, name) for name in sources if find_source(name).has_stream}
