"""Cuts a stream of bytes into lines, in bounded memory however long a line is."""

from __future__ import annotations

import codecs
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

# Bytes read at once: larger ones leave the processor's cache.
BLOCK_BYTES = 256 * 2**10
# A longer line is rejected: no event is, and it must not be held in memory.
MAX_LINE_BYTES = 2**20


class Readable(Protocol):
    """What lines are read from: decompressed bytes."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines without their line ends; `offset` is the first one's."""

    offset: int
    lines: list[bytes]
    end_offset: int


@dataclass(frozen=True, slots=True)
class LongLine:
    """A line of more than MAX_LINE_BYTES, of which only this is known."""

    offset: int
    length: int
    sha256: str
    end_offset: int
    # Without one, more of it may come.
    has_end: bool = True


@dataclass(frozen=True, slots=True)
class Tail:
    """What follows the last line end; not empty."""

    offset: int
    raw: bytes

    @property
    def end_offset(self) -> int:
        """Where the object ends."""
        return self.offset + len(self.raw)


def read_lines(
    stream: Readable, offset: int, max_line_bytes: int | None = None
) -> Iterator[Block | LongLine | Tail]:
    """Yield the lines of a stream whose next byte is at `offset` of its object.

    A byte order mark at the start of an object reads as blanks.
    """
    limit = max_line_bytes or MAX_LINE_BYTES
    # The beginning of a line whose end has not come, in the pieces it came in.
    rest: list[bytes] = []
    rest_bytes = 0
    while data := stream.read(BLOCK_BYTES):
        if offset == 0 and not rest and data.startswith(codecs.BOM_UTF8):
            data = data.replace(codecs.BOM_UTF8, b"   ", 1)
        if rest and b"\n" not in data and rest_bytes + len(data) <= limit:
            rest.append(data)
            rest_bytes += len(data)
            continue
        data = b"".join((*rest, data))
        rest.clear()
        if len(data) > limit and data.find(b"\n", 0, limit + 1) < 0:
            line, data = _read_long_line(stream, offset, data)
            yield line
            offset = line.end_offset
        lines = data.split(b"\n")
        end = offset + len(data)
        # A line may be large: what it was cut from does not stay while it is decoded.
        data = lines.pop()
        rest_bytes = len(data)
        if data:
            rest.append(data)
        if lines:
            yield Block(offset, lines, end - rest_bytes)
            offset = end - rest_bytes
    if rest:
        yield Tail(offset, b"".join(rest))


def _read_long_line(stream: Readable, offset: int, start: bytes) -> tuple[LongLine, bytes]:
    """Read to the end of a long line; return it and what was read after it."""
    digest, length, data = hashlib.sha256(), 0, start
    while data:
        end = data.find(b"\n")
        digest.update(data if end < 0 else data[:end])
        length += len(data) if end < 0 else end
        if end >= 0:
            line = LongLine(offset, length, digest.hexdigest(), offset + length + 1)
            return line, data[end + 1 :]
        data = stream.read(BLOCK_BYTES)
    return LongLine(offset, length, digest.hexdigest(), offset + length, has_end=False), b""
