"""Rows of the raw tables as Postgres' binary COPY takes them.

A row's bytes begin with its identity (time and key), which sorts and finds duplicates; then
where it came from; then what it says, which two copies of one event share byte for byte.
The load_id, known last, comes before each row when it is written.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from typing import TypeAlias

# Producer, event name and quarter of an hour (`times.QUARTER_HOUR`): what a row counts under.
Label: TypeAlias = tuple[str, str, int]
# Encoded, without the load_id; label.
Row: TypeAlias = tuple[bytes, Label]

COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TRAILER = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
# Field lengths of timestamptz and uuid stand between their values.
IDENTITY = struct.Struct(">iqi16s")
# Identity, line number and sequence at once.
ROW_HEAD = struct.Struct(">iqi16siqiq")
# Line number and sequence, or line number and no sequence.
NUMBERED = struct.Struct(">iqiq")
UNNUMBERED = struct.Struct(">iqi")
LENGTH = struct.Struct(">i")
# Length of a jsonb value (its text and the version byte), then the version.
JSONB = struct.Struct(">ib")
KEY_BYTES = 16

IDENTITY_COLUMNS = ("occurred_at", "event_key")
PROVENANCE_COLUMNS = ("line_number", "sequence", "producer", "event_id", "boot")
# Then event_name, entity_id, the source's entity keys, payload, violations.

_TEXT_OID = 25
# Where a row's line number ends: its first field after the identity.
_LINE_NUMBER_END = IDENTITY.size + 12
_ROW_START = struct.Struct(">hiq")


def column_names(entity_keys: Sequence[str]) -> tuple[str, ...]:
    """Columns of a raw table in the order of a row's bytes."""
    return (
        "load_id",
        *IDENTITY_COLUMNS,
        *PROVENANCE_COLUMNS,
        "event_name",
        "entity_id",
        *entity_keys,
        "payload",
        "violations",
    )


def encode_text(text: str | None) -> bytes:
    """Return a text field with its length, or NULL."""
    if text is None:
        return NULL
    data = text.encode()
    return LENGTH.pack(len(data)) + data


def encode_jsonb(json: bytes) -> bytes:
    """Return a jsonb field with its length."""
    return JSONB.pack(len(json) + 1, 1) + json


def encode_texts(texts: Sequence[str]) -> bytes:
    """Return a text[] field with its length; NULL when it is empty."""
    if not texts:
        return NULL
    array = struct.pack(">iiiii", 1, 0, _TEXT_OID, len(texts), 1) + b"".join(
        encode_text(text) for text in texts
    )
    return LENGTH.pack(len(array)) + array


def encode_identity(micros: int, event_key: bytes) -> bytes:
    """Return the identity of a row."""
    return IDENTITY.pack(8, micros, KEY_BYTES, event_key)


def decode_identity(identity: bytes) -> tuple[int, bytes]:
    """Inverse of `encode_identity`: (microseconds since 2000-01-01 UTC, event key)."""
    _, micros, _, event_key = IDENTITY.unpack(identity)
    return micros, event_key


def encode_row(identity: bytes, provenance: bytes, content: bytes, label: Label) -> Row:
    """Return a row of its three parts."""
    return identity + provenance + content, label


def content_of(row: Row) -> bytes:
    """Return what a row says, encoded."""
    return row[0][_content_start(row[0]) :]


def say_the_same(row: Row, other: Row) -> bool:
    """Whether two rows of one identity say the same, wherever they came from.

    Of a line delivered twice all but the line number is equal, which is seen at once.
    """
    return row[0][_LINE_NUMBER_END:] == other[0][_LINE_NUMBER_END:] or (
        content_of(row) == content_of(other)
    )


def provenance_of(row: Row) -> bytes:
    """Return where a row came from, encoded."""
    return row[0][IDENTITY.size : _content_start(row[0])]


def entity_of(row: Row) -> bytes:
    """Return a row's entity_id without looking at the rest of what it says."""
    encoded = row[0]
    position = _content_start(encoded)
    (length,) = LENGTH.unpack_from(encoded, position)
    position += LENGTH.size + length
    (length,) = LENGTH.unpack_from(encoded, position)
    return encoded[position + LENGTH.size : position + LENGTH.size + length]


def _content_start(encoded: bytes) -> int:
    position = IDENTITY.size
    for _ in PROVENANCE_COLUMNS:
        (length,) = LENGTH.unpack_from(encoded, position)
        position += LENGTH.size + max(0, length)
    return position


def encode_provenance(
    line_number: int, sequence: int | None, producer: bytes, event_id: bytes, boot: bytes
) -> bytes:
    """Return where a row came from; producer and boot are encoded, event_id is plain UTF-8."""
    if sequence is None:
        start = UNNUMBERED.pack(8, line_number, -1)
    else:
        start = NUMBERED.pack(8, line_number, 8, sequence)
    return start + producer + LENGTH.pack(len(event_id)) + event_id + boot


def split_fields(data: bytes) -> list[bytes | None]:
    """Return the fields of a part of a row, without their lengths."""
    fields: list[bytes | None] = []
    position = 0
    while position < len(data):
        (length,) = LENGTH.unpack_from(data, position)
        position += 4
        if length < 0:
            fields.append(None)
        else:
            fields.append(data[position : position + length])
            position += length
    return fields


def start_of_row(column_count: int, load_id: int) -> bytes:
    """Return what comes before each row of a load: the number of fields and the load_id."""
    return _ROW_START.pack(column_count, 8, load_id)


def key_hash(producer: str) -> hashlib.blake2b:
    """Return a hash to copy: updated with an event's id, its digest is the 128 bits of its key."""
    return hashlib.blake2b(producer.encode() + b"\0", digest_size=KEY_BYTES)
