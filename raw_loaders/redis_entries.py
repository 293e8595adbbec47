"""Entries of a Redis stream as lines."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# 128 bits: nobody finds another entry of the same digest.
DIGEST_BYTES = 16
# The one field of an entry; its value is an event as a line of JSON.
FIELD = b"event"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the stream; `line` has no line end."""

    id: str
    line: bytes
    # Of both: another entry, of a stream made anew, may have the same id.
    digest: bytes

    @classmethod
    def of(cls, raw_id: bytes, line: bytes) -> Entry:
        """Return the entry of this id and line."""
        digest = hashlib.blake2b(raw_id + b" " + line, digest_size=DIGEST_BYTES).digest()
        return cls(raw_id.decode(), line, digest)


def id_number(entry_id: str) -> int:
    """Return the two parts of an id as one number, 64 bits each: in the order of ids."""
    first, _, second = entry_id.partition("-")
    return int(first) << 64 | int(second)


def split_digests(digests: bytes) -> list[bytes]:
    """Return the digests that follow one another."""
    return [digests[at : at + DIGEST_BYTES] for at in range(0, len(digests), DIGEST_BYTES)]


def read_entry(raw_id: bytes, fields: Sequence[bytes]) -> Entry:
    """Return an entry as one line; `fields` are names and values in turn, as Redis has them.

    Without exactly one event its line is the JSON of all fields: it is rejected like any line
    that is no object, and what the producer sent is in quarantine.
    """
    pairs = list(zip(fields[::2], fields[1::2], strict=True))
    events = [value for name, value in pairs if name == FIELD]
    if len(events) == 1 and events[0].strip():
        # A line end would be none in JSON either.
        return Entry.of(raw_id, events[0].replace(b"\n", b" "))
    texts = [[text.decode("utf-8", "surrogateescape") for text in pair] for pair in pairs]
    return Entry.of(raw_id, json.dumps(texts).encode())
