"""One chunk: what one transaction lands, gathered in memory before it is written."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from raw_loaders.lines import Block, LongLine, Tail
from raw_loaders.rows import say_the_same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from raw_loaders.measures import Measure
    from raw_loaders.rows import Row

# Lines of one transaction: below, commits cost; above, memory and the build's wait.
CHUNK_LINES = 20_000
# Bytes of lines of one transaction, for sources with long lines.
CHUNK_BYTES = 8 * 2**20


class Position(NamedTuple):
    """A place in an object: decompressed bytes and lines before it."""

    offset: int
    line_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where a line lies: bytes are of the object's decompressed content."""

    number: int
    offset: int
    length: int
    sha256: str
    # None when it is too long to be kept.
    raw: bytes | None

    @classmethod
    def of(cls, raw: bytes, number: int, offset: int) -> Line:
        """Return a line whose bytes are at hand."""
        digest = hashlib.sha256(raw).hexdigest()
        return cls(number=number, offset=offset, length=len(raw), sha256=digest, raw=raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a line does not land, and what could be read of it; `detail` holds no content."""

    reason: str
    detail: str
    producer: str | None = None
    event_name: str | None = None
    event_date: date | None = None
    boot: str | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Lines as read, in one piece: half the memory of one object a line."""

    first_number: int
    offset: int
    raw: bytes
    count: int

    def lines(self) -> list[bytes]:
        """Return the lines; those of the block that was asked for last are at hand."""
        return _split(self.raw) if self.count > 1 else [self.raw]


@lru_cache(maxsize=1)
def _split(raw: bytes) -> list[bytes]:
    return raw.split(b"\n")


@dataclass(slots=True)
class Chunk:
    """Lines [start_offset, end_offset) of an object, decoded.

    `rows` has one entry per distinct event, by its encoded identity; `origins` says where
    each came from, so that one the server rejects can still be quarantined.
    """

    start_offset: int
    end_offset: int
    end_line_number: int
    read_count: int = 0
    # Whether the object ends with it.
    is_last: bool = False
    rows: dict[bytes, Row] = field(default_factory=dict)
    # Later rows with the identity of one in `rows`: copies, and events in conflict with it.
    others: dict[bytes, list[Row]] = field(default_factory=dict)
    rejected: list[tuple[Line, Rejection]] = field(default_factory=list)
    # Violations and unknown fields of rows, by identity: (outcome, field name).
    flags: dict[bytes, list[tuple[str, str]]] = field(default_factory=dict)
    # What is whole and no event, by its kind: counted, not read.
    skipped: Counter[str] = field(default_factory=Counter)
    # What of the skipped is kept: counts of a client's own.
    measures: list[Measure] = field(default_factory=list)
    # What was read, to find a row's line again.
    blocks: list[Kept] = field(default_factory=list)

    def keep(self, first_number: int, offset: int, raw: bytes, count: int) -> None:
        """Keep the bytes of `count` lines with line ends between them, or of one record."""
        self.blocks.append(Kept(first_number, offset, raw, count))

    def add(self, identity: bytes, row: Row) -> None:
        """Add a row, the first of its identity or another."""
        if identity in self.rows:
            self.others.setdefault(identity, []).append(row)
        else:
            self.rows[identity] = row

    def absorb(self, other: Chunk) -> None:
        """Take in what another chunk of the same object read and has not rejected."""
        for identity, row in other.rows.items():
            self.add(identity, row)
            for copy in other.others.get(identity, ()):
                self.add(identity, copy)
        for identity, flags in other.flags.items():
            self.flags.setdefault(identity, flags)
        self.read_count += other.read_count
        self.blocks += other.blocks

    def remove(self, identity: bytes) -> list[Row]:
        """Take a row and its copies out; what was in conflict with it takes its place."""
        row = self.rows.pop(identity)
        self.flags.pop(identity, None)
        removed = [row]
        for other in self.others.pop(identity, []):
            if say_the_same(other, row):
                removed.append(other)
            else:
                self.add(identity, other)
        return removed

    def flag(
        self, identity: bytes, violations: Iterable[str], unknown_fields: Iterable[str]
    ) -> None:
        """Note a row's violations and unknown fields."""
        flags = [("violation", name) for name in violations]
        flags += [("unknown_field", name) for name in unknown_fields]
        if flags:
            self.flags.setdefault(identity, flags)

    def reject_long(self, line: LongLine) -> None:
        """Reject a line too long to be an event, the one behind `end_line_number`."""
        self.read_count += 1
        self.rejected.append(
            (
                Line(
                    number=self.end_line_number + 1,
                    offset=line.offset,
                    length=line.length,
                    sha256=line.sha256,
                    raw=None,
                ),
                Rejection(reason="too_long", detail=f"{line.length} bytes in one line"),
            )
        )

    def find_raw(self, number: int) -> bytes:
        """Return the bytes of the line with that number."""
        kept = self._find(number)
        return kept.lines()[number - kept.first_number]

    def find_line(self, number: int) -> Line:
        """Return the line with that number, as it was read."""
        kept = self._find(number)
        lines, index = kept.lines(), number - kept.first_number
        before = sum(map(len, lines[:index])) + index  # with their line ends
        return Line.of(lines[index], number, kept.offset + before)

    def _find(self, number: int) -> Kept:
        for kept in self.blocks:
            if 0 <= number - kept.first_number < kept.count:
                return kept
        raise KeyError(number)


def cut_chunks(
    pieces: Iterable[Block | LongLine | Tail],
    decoder: Decoder,
    start: Position,
    *,
    takes_half_line: bool,
    lands_at_once: bool = False,
) -> Iterator[Chunk]:
    """Decode an object's lines from `start` into chunks; the last one says so.

    A last line without a line end that is no whole record is left out, and the last chunk
    does not say so, unless it is to be taken as it is. A chunk ends where the record begins
    that a decoder holds half of. What lands at once is one chunk, however large.
    """
    chunk = Chunk(start.offset, start.offset, start.line_number)
    size = 0
    for piece in pieces:
        if not takes_half_line and _is_half_line(piece, decoder):
            _end_before_held(chunk, decoder)
            yield chunk
            return
        match piece:
            case Block():
                decoder.decode_lines(piece.lines, chunk.end_line_number + 1, piece.offset, chunk)
                chunk.end_line_number += len(piece.lines)
                size += piece.end_offset - piece.offset
            case LongLine():
                chunk.reject_long(piece)
                chunk.end_line_number += piece.has_end
            case Tail():
                # Not counted yet: its line end, should it come, is read as that of a blank line.
                decoder.decode_lines([piece.raw], chunk.end_line_number + 1, piece.offset, chunk)
        chunk.end_offset = piece.end_offset
        is_full = chunk.read_count >= CHUNK_LINES or size >= CHUNK_BYTES
        if is_full and not lands_at_once:
            # Lines that are held are numbered already.
            line_number = chunk.end_line_number
            _end_before_held(chunk, decoder)
            yield chunk
            chunk, size = Chunk(chunk.end_offset, chunk.end_offset, line_number), 0
    if takes_half_line and isinstance(decoder, HoldingDecoder):
        decoder.reject_held(chunk)
    chunk.is_last = not _end_before_held(chunk, decoder)
    yield chunk


def _is_half_line(piece: Block | LongLine | Tail, decoder: Decoder) -> bool:
    if isinstance(piece, LongLine):
        return not piece.has_end
    return isinstance(piece, Tail) and not decoder.is_whole(piece.raw)


def _end_before_held(chunk: Chunk, decoder: Decoder) -> bool:
    """Let a chunk end where a held record begins; return whether there is one."""
    held = decoder.held_from if isinstance(decoder, HoldingDecoder) else None
    if held is None:
        return False
    chunk.end_offset, chunk.end_line_number = held
    return True


def recall_lines(
    pieces: Iterable[Block | LongLine | Tail], decoder: RecallingDecoder, end_offset: int
) -> None:
    """Show a decoder the lines of an object, read from `recall_start`, that landed before."""
    for piece in pieces:
        if isinstance(piece, LongLine):
            continue
        lines = piece.lines if isinstance(piece, Block) else [piece.raw]
        starts = accumulate((len(line) + 1 for line in lines), initial=piece.offset)
        seen = [line for line, start in zip(lines, starts, strict=False) if start < end_offset]
        decoder.recall(seen, piece.offset)
        if len(seen) < len(lines):
            return


class Decoder(Protocol):
    """Turns records of one source into rows and rejections; never raises on content."""

    def decode_lines(
        self, lines: Sequence[bytes], first_number: int, offset: int, chunk: Chunk
    ) -> None:
        """Decode lines without their line ends, the first of them at `offset`."""
        ...

    def is_whole(self, raw: bytes) -> bool:
        """Whether a last line without a line end is all there."""
        ...


@runtime_checkable
class RecallingDecoder(Protocol):
    """A decoder for which a record's meaning depends on those before it in its object."""

    def recall(self, lines: Sequence[bytes], offset: int) -> None:
        """Look at lines that an earlier load has landed; nothing comes of them."""
        ...


@runtime_checkable
class HoldingDecoder(Protocol):
    """A decoder whose records span lines, so that it may hold the beginning of one."""

    @property
    def held_from(self) -> Position | None:
        """Where the record begins that it holds; None when it holds none."""
        ...

    def reject_held(self, chunk: Chunk) -> None:
        """Reject what it holds: the rest will not come."""
        ...
