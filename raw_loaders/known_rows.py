"""Which events of a chunk are in the raw table already, and whether they say the same."""

from __future__ import annotations

import struct
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from psycopg import sql
from psycopg.adapt import Dumper
from psycopg.pq import Format

from raw_loaders.rows import encode_identity, split_fields
from raw_loaders.times import to_micros

if TYPE_CHECKING:
    import psycopg

    from raw_loaders.sources import Source

_TIMESTAMPTZ, _UUID = 1184, 2950
_ARRAY = struct.Struct(">iiiii")
# Bytes of the timestamptz, with its length, in an encoded identity.
_TIME_BYTES = 12


@dataclass(frozen=True, slots=True)
class _Times:
    """A timestamptz[] in Postgres' binary form."""

    data: bytes


@dataclass(frozen=True, slots=True)
class _Keys:
    """A uuid[] in Postgres' binary form."""

    data: bytes


class _TimesDumper(Dumper):
    format = Format.BINARY
    oid = 1185

    def dump(self, obj: _Times) -> bytes:
        return obj.data


class _KeysDumper(Dumper):
    format = Format.BINARY
    oid = 2951

    def dump(self, obj: _Keys) -> bytes:
        return obj.data


def register_dumpers(connection: psycopg.Connection) -> None:
    """Teach a connection the arrays of `find_known`."""
    connection.adapters.register_dumper(_Times, _TimesDumper)
    connection.adapters.register_dumper(_Keys, _KeysDumper)


def populated_range(connection: psycopg.Connection, table: str) -> tuple[int, int] | None:
    """Least and greatest time landed, in microseconds since 2000; None when nothing is."""
    query = sql.SQL("select min(occurred_at), max(occurred_at) from staging.{}")
    row = connection.execute(query.format(sql.Identifier(table))).fetchone()
    if row is None or row[0] is None:
        return None
    return to_micros(row[0]), to_micros(row[1])


def inside(identities: list[bytes], span: tuple[int, int] | None) -> list[bytes]:
    """Return those of some sorted identities whose time lies in a span, its ends included."""
    if span is None:
        return []
    # Encoded, times after 2000 sort like their numbers.
    first = bisect_left(identities, encode_identity(span[0], bytes(16)))
    end = bisect_right(identities, encode_identity(span[1], b"\xff" * 16))
    return identities[first:end]


def find_known(
    connection: psycopg.Connection, source: Source, identities: Sequence[bytes]
) -> dict[bytes, KnownRow]:
    """Return the rows of the raw table that have one of these identities.

    Changes planner settings of the transaction: a probe is a descent of the index for each
    key, whatever the statistics say of a table that was empty a second ago.
    """
    if not identities:
        return {}
    connection.execute(
        "set local enable_hashjoin = off; set local enable_mergejoin = off;"
        " set local enable_seqscan = off"
    )
    keys = [sql.Identifier("landed", key) for key in source.catalogue.entity_keys]
    query = sql.SQL(
        "select landed.occurred_at, landed.event_key, landed.event_name, {keys},"
        " landed.payload::text, landed.violations, loads.hash_key_id, loads.catalogue_sha256"
        " from unnest(%s, %s) as wanted (occurred_at, event_key)"
        " inner join staging.{table} as landed using (occurred_at, event_key)"
        " inner join staging.loads as loads using (load_id)"
    ).format(keys=sql.SQL(", ").join(keys), table=sql.Identifier(source.table))
    cursor = connection.execute(
        query,
        (
            _Times(_array(_TIMESTAMPTZ, [identity[:_TIME_BYTES] for identity in identities])),
            _Keys(_array(_UUID, [identity[_TIME_BYTES:] for identity in identities])),
        ),
    )
    known: dict[bytes, KnownRow] = {}
    for occurred_at, event_key, name, *entity, payload, violations, key_id, sha256 in cursor:
        identity = encode_identity(to_micros(occurred_at), event_key.bytes)
        known[identity] = KnownRow(name, entity, payload, violations, key_id, sha256)
    return known


def _array(oid: int, elements: Sequence[bytes]) -> bytes:
    return _ARRAY.pack(1, 0, oid, len(elements), 1) + b"".join(elements)


@dataclass(frozen=True, slots=True)
class KnownRow:
    """What a landed row says, and under which keys and catalogue it was landed."""

    event_name: str
    entity: Sequence[str | None]
    payload: str
    violations: Sequence[str] | None
    hash_key_id: str
    catalogue_sha256: str

    def says_the_same(self, content: bytes, source: Source, hash_key_id: str) -> bool:
        """Whether an encoded row's content is this one's.

        What another key hashed cannot be compared, and a field that one of two catalogues
        does not have must not be: they are left out when key or catalogue changed.
        """
        # A jsonb starts with a byte that is its version.
        name, _, *entity, payload, violations = split_fields(content)
        is_comparable = (self.hash_key_id, self.catalogue_sha256) == (
            hash_key_id,
            source.catalogue.sha256,
        )
        if source.has_nested_payload and not is_comparable:
            return name == self.event_name.encode()
        texts = [None if key is None else key.decode() for key in entity]
        if name != self.event_name.encode() or texts != list(self.entity):
            return False
        landed: dict[str, Any] = msgspec.json.decode(self.payload)
        offered: dict[str, Any] = msgspec.json.decode((payload or b"")[1:])
        ignored: set[str] = set()
        if self.hash_key_id != hash_key_id:
            event = source.catalogue.events[self.event_name]
            ignored |= {field.name for field in event.fields if field.privacy == "hash"}
        if self.catalogue_sha256 != source.catalogue.sha256:
            ignored |= landed.keys() ^ offered.keys()
        elif _names(violations) != list(self.violations or ()):
            return False
        return _without(landed, ignored) == _without(offered, ignored)


def _names(encoded: bytes | None) -> list[str]:
    """Elements of an encoded text[]."""
    if encoded is None:
        return []
    return [(text or b"").decode() for text in split_fields(encoded[_ARRAY.size :])]


def _without(values: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
