"""Keeps out what was erased: rows of a session, the id of a customer, and the bytes of both.

A tombstone is a hash under the identity key, which no rotation changes. A customer's holds for
events until the erasure; one who comes back later is a customer like any other.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from raw_loaders.rows import (
    LENGTH,
    NULL,
    content_of,
    decode_identity,
    encode_jsonb,
    entity_of,
    provenance_of,
    split_fields,
)
from raw_loaders.times import to_micros

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import psycopg

    from raw_loaders.chunks import Chunk, Line, Rejection
    from raw_loaders.rows import Row
    from raw_loaders.sources import Source

Kind: TypeAlias = Literal["customer", "session"]
# The reason of a line that an erasure keeps out.
ERASED = "erased"
DETAIL = "its session was erased"
CUSTOMER_FIELD, SESSION_FIELD = "customer_id", "session_id"
# The customer's id is a field of session.start only.
CUSTOMER_TABLE = "raw_support_events"
SESSION_TABLES = ("raw_support_events", "raw_qwen_code_events")
# Where a line names either, however broken the rest of it is.
_NAMED = re.compile(
    rb'"(customer|session)_id"\s*:\s*(?:"((?:[^"\\]|\\.)*)(?:"|$)|(-?\d+))', re.DOTALL
)
# Event name and entity, before the entity keys.
_KEYS_FROM = 2


def tombstone_hash(identity_key: bytes, kind: str, text: str) -> bytes:
    """Hash what was erased; the same after every rotation of the privacy key."""
    return hmac.digest(identity_key, f"erased {kind}\0{text}".encode(), "sha256")


def read_tombstones(connection: psycopg.Connection) -> Tombstones | None:
    """Give what was erased; None, for the price of one look, when nothing ever was."""
    rows = connection.execute(
        "select kind, hash, erased_at, identity_key"
        " from staging.tombstones cross join staging.identity_keys"
    ).fetchall()
    if not rows:
        return None
    moments = {(kind, hash_): to_micros(moment) for kind, hash_, moment, _ in rows}
    return Tombstones(rows[0][3], moments)


class Tombstones:
    """What was erased and until when, in microseconds since 2000, by kind and hash."""

    def __init__(self, identity_key: bytes, moments: Mapping[tuple[str, bytes], int]) -> None:
        self._identity_key = identity_key
        self._moments = moments
        self._kinds = {kind for kind, _ in moments}
        self._sessions: dict[bytes, bool] = {}

    def keep_out(
        self,
        chunk: Chunk,
        source: Source,
        reject: Callable[[Row], tuple[Line, Rejection]],
    ) -> None:
        """Take out of a chunk what was erased; doing it again changes nothing.

        Rows of erased sessions become rejected lines by `reject`; rows of erased customers
        lose the id.
        """
        if "session" in self._kinds and source.table in SESSION_TABLES:
            place = _KEYS_FROM + source.catalogue.entity_keys.index(SESSION_FIELD)
            for identity in [*chunk.rows]:
                self._reject_erased(chunk, identity, place, reject)
            chunk.measures = [
                measure
                for measure in chunk.measures
                if not self._is_erased_session(measure.session_id.encode())
            ]
        if "customer" in self._kinds and source.table == CUSTOMER_TABLE:
            for identity, row in chunk.rows.items():
                chunk.rows[identity] = self._without_customer(chunk, identity, row)
            for identity, others in chunk.others.items():
                others[:] = [self._without_customer(chunk, identity, row) for row in others]

    def without_bytes(self, line: Line) -> Line:
        """Return a rejected line, without its bytes when they name what was erased."""
        if line.raw is not None and any(True for _ in self._find_erased(line.raw)):
            return replace(line, raw=None)
        return line

    def _reject_erased(
        self,
        chunk: Chunk,
        identity: bytes,
        place: int,
        reject: Callable[[Row], tuple[Line, Rejection]],
    ) -> None:
        rows = [chunk.rows[identity], *chunk.others.get(identity, ())]
        are_erased = [self._is_of_erased_session(row, place) for row in rows]
        if not any(are_erased):
            return
        del chunk.rows[identity]
        chunk.others.pop(identity, None)
        if are_erased[0]:
            chunk.flags.pop(identity, None)
        for row, is_erased in zip(rows, are_erased, strict=True):
            if is_erased:
                chunk.rejected.append(reject(row))
            else:
                chunk.add(identity, row)

    def _is_of_erased_session(self, row: Row, place: int) -> bool:
        # Of a row with a session, that is the entity.
        session = entity_of(row)
        is_erased = self._is_erased_session(session)
        return is_erased and split_fields(content_of(row))[place] == session

    def _is_erased_session(self, session: bytes) -> bool:
        known = self._sessions.get(session)
        if known is None:
            key = tombstone_hash(self._identity_key, "session", session.decode())
            known = self._sessions[session] = ("session", key) in self._moments
        return known

    def _without_customer(self, chunk: Chunk, identity: bytes, row: Row) -> Row:
        if b'"customer_id"' not in row[0]:
            return row
        number = int.from_bytes(split_fields(provenance_of(row))[0] or b"", "big")
        micros, _ = decode_identity(identity)
        is_erased = any(
            kind == "customer" and micros <= until
            for kind, until in self._find_erased(chunk.find_raw(number))
        )
        return _strip(row) if is_erased else row

    def _find_erased(self, raw: bytes) -> Iterator[tuple[str, int]]:
        """Yield kind and end of each erased customer and session that a line names."""
        for kind, escaped, number in _NAMED.findall(raw):
            try:
                text = msgspec.json.decode(b'"' + (escaped or number) + b'"', type=str)
            except msgspec.DecodeError:
                continue
            key = tombstone_hash(self._identity_key, kind.decode(), text)
            until = self._moments.get((kind.decode(), key))
            if until is not None:
                yield kind.decode(), until


def _strip(row: Row) -> Row:
    """Return a row whose payload has no customer_id."""
    content = content_of(row)
    head = row[0][: len(row[0]) - len(content)]
    *before, payload, violations = split_fields(content)
    # A jsonb starts with a byte that is its version.
    values = msgspec.json.decode((payload or b"")[1:], type=dict[str, msgspec.Raw])
    values.pop(CUSTOMER_FIELD, None)
    fields = [*map(_encode, before), encode_jsonb(msgspec.json.encode(values)), _encode(violations)]
    return head + b"".join(fields), row[1]


def _encode(field: bytes | None) -> bytes:
    return NULL if field is None else LENGTH.pack(len(field)) + field
