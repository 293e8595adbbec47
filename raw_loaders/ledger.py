"""The ledger of landed objects: what is known of one, and where to go on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from raw_loaders.chunks import Position
from raw_loaders.locks import NAME_LOCKS, OBJECT_LOCKS, STREAM_LOCKS

if TYPE_CHECKING:
    import psycopg


# Each is a hash of a beginning for every object that is read.
MOVED_NAMES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an object in the ledger; `bytes` are stored ones."""

    object_id: int
    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an object has landed."""

    position: Position
    is_complete: bool


def latest_version(connection: psycopg.Connection, source: str, name: str) -> Version | None:
    """Return the version of an object that was seen last under this name."""
    row = connection.execute(
        "select objects.object_id, names.object, sha256, bytes"
        " from staging.object_names as names inner join staging.objects using (object_id)"
        " where names.source = %s and names.object = %s order by name_id desc limit 1",
        (source, name),
    ).fetchone()
    if row is None:
        return None
    return Version(object_id=row[0], name=row[1], sha256=row[2], bytes=row[3])


def moved_versions(
    connection: psycopg.Connection, source: str, unchanged: Collection[str]
) -> list[Version]:
    """Return the objects seen last under names that are not among the unchanged ones.

    Any of them may go on under another name; batches of a stream do not. Names beyond the newest
    MOVED_NAMES are forgotten.
    """
    rows = connection.execute(
        "select objects.object_id, names.object, sha256, bytes"
        " from staging.object_names as names inner join staging.objects using (object_id)"
        " where names.source = %s and starts_with(names.object, names.source || '/')"
        " and not names.object = any(%s) and bytes > 0"
        " order by name_id desc limit %s",
        (source, list(unchanged), MOVED_NAMES),
    )
    return [Version(object_id=row[0], name=row[1], sha256=row[2], bytes=row[3]) for row in rows]


def note_name(connection: psycopg.Connection, source: str, name: str, object_id: int) -> None:
    """Remember that an object was seen under this name, where another one or none was before."""
    connection.execute(
        "insert into staging.object_names (source, object, object_id) values (%s, %s, %s)",
        (source, name, object_id),
    )


def find_newest_name(connection: psycopg.Connection) -> int:
    """Return the id of the name that was noted last, 0 before the first."""
    row = connection.execute(
        "select coalesce(max(name_id), 0) from staging.object_names"
    ).fetchone()
    assert row is not None  # noqa: S101 - an aggregate gives a row
    return int(row[0])


def is_seen_since(connection: psycopg.Connection, source: str, name: str, name_id: int) -> bool:
    """Whether another object was seen under this name after the name with this id was noted."""
    row = connection.execute(
        "select exists (select from staging.object_names"
        " where source = %s and object = %s and name_id > %s)",
        (source, name, name_id),
    ).fetchone()
    return bool(row and row[0])


def find_names(connection: psycopg.Connection, object_id: int) -> list[str]:
    """Return the names under which an object, or one that continues it, was seen; last first."""
    rows = connection.execute(
        "with recursive holders as ("
        " select %s::bigint as object_id"
        " union all"
        " select objects.object_id from staging.objects"
        " inner join holders on objects.continues_object_id = holders.object_id"
        ")"
        " select object from staging.object_names inner join holders using (object_id)"
        " group by object order by max(name_id) desc",
        (object_id,),
    )
    return [name for (name,) in rows]


def register(
    connection: psycopg.Connection,
    source: str,
    version: Version,
    start: Position,
    continued: Version | None = None,
) -> tuple[Version, bool]:
    """Put an object into the ledger unless its content is known; return it, and if it is new.

    `version.object_id` is not looked at; `start` is where a new object's own lines begin, and
    `continued` the object whose lines are before.
    """
    continued_id = None if continued is None else continued.object_id
    inserted = connection.execute(
        "insert into staging.objects (source, object, sha256, bytes, start_offset,"
        " start_line_number, continues_object_id)"
        " values (%s, %s, %s, %s, %s, %s, %s) on conflict (source, sha256) do nothing",
        (
            source,
            version.name,
            version.sha256,
            version.bytes,
            *start,
            continued_id,
        ),
    )
    row = connection.execute(
        "select object_id, object, sha256, bytes from staging.objects"
        " where source = %s and sha256 = %s",
        (source, version.sha256),
    ).fetchone()
    assert row is not None  # noqa: S101 - just inserted, and never deleted
    found = Version(object_id=row[0], name=row[1], sha256=row[2], bytes=row[3])
    return found, inserted.rowcount == 1


def find_progress(connection: psycopg.Connection, object_id: int) -> Progress:
    """Where a resume starts."""
    row = connection.execute(
        "select coalesce(loads.end_offset, objects.start_offset),"
        " coalesce(loads.end_line_number, objects.start_line_number),"
        " coalesce(loads.is_last, false)"
        " from staging.objects"
        " left join staging.loads on loads.object_id = objects.object_id and not is_replay"
        " where objects.object_id = %s"
        " order by loads.end_offset desc nulls last, loads.load_id desc limit 1",
        (object_id,),
    ).fetchone()
    assert row is not None  # noqa: S101 - a registered object
    return Progress(position=Position(row[0], row[1]), is_complete=row[2])


@contextmanager
def locked(connection: psycopg.Connection, object_id: int, *, is_waiting: bool) -> Iterator[bool]:
    """Hold an object for this connection, or say that another loader holds it.

    The lock goes with the connection, over which the chunks are landed: who lost the lock
    cannot land any more.
    """
    with _held(connection, OBJECT_LOCKS, str(object_id), is_waiting=is_waiting) as is_held:
        yield is_held


@contextmanager
def name_locked(
    connection: psycopg.Connection, source: str, name: str, *, is_waiting: bool
) -> Iterator[bool]:
    """Hold all versions of an object, or say that another loader holds them.

    Where an appended version goes on is known only when nobody lands the one before it.
    """
    key = f"{source}/{name}"
    with _held(connection, NAME_LOCKS, key, is_waiting=is_waiting) as is_held:
        yield is_held


@contextmanager
def stream_locked(connection: psycopg.Connection, source: str) -> Iterator[None]:
    """Hold the stream of a source for this connection, after whoever holds it now."""
    with _held(connection, STREAM_LOCKS, source, is_waiting=True):
        yield


@contextmanager
def _held(
    connection: psycopg.Connection, kind: int, text: str, *, is_waiting: bool
) -> Iterator[bool]:
    function = "pg_advisory_lock" if is_waiting else "pg_try_advisory_lock"
    row = connection.execute(f"select {function}(%s, hashtext(%s))", (kind, text)).fetchone()
    is_held = is_waiting or bool(row and row[0])
    try:
        yield is_held
    finally:
        if is_held and not connection.closed and not connection.broken:
            connection.execute("select pg_advisory_unlock(%s, hashtext(%s))", (kind, text))


def read_signatures(connection: psycopg.Connection, source: str) -> dict[str, str]:
    """Return the signatures of objects that have landed to their end, by name."""
    return dict(
        connection.execute(
            "select object, signature from staging.object_signatures where source = %s", (source,)
        ).fetchall()
    )


def note_signatures(
    connection: psycopg.Connection, source: str, signatures: Mapping[str, str]
) -> None:
    """Remember that objects with these signatures, by name, have landed to their end."""
    # In one order, whoever notes them: two loaders never wait for each other.
    names = sorted(signatures)
    connection.execute(
        "insert into staging.object_signatures (source, object, signature)"
        " select %s, noted.object, noted.signature"
        " from unnest(%s::text[], %s::text[]) as noted (object, signature)"
        " on conflict (source, object) do update set signature = excluded.signature",
        (source, names, [signatures[name] for name in names]),
    )
