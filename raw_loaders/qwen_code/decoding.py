"""Lines of the client's telemetry as rows and rejections. The unit is the event.

A line that begins with a field is a body or a recording's line; other lines are of the
documents of an outfile. What is no event counts as skipped and is not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, count, groupby
from typing import TYPE_CHECKING

import msgspec

from raw_loaders.chunks import Line, Position, Rejection
from raw_loaders.occurrences import Occurrences
from raw_loaders.qwen_code.documents import DocumentSplitter
from raw_loaders.qwen_code.events import TelemetryEventReader, TelemetryRow
from raw_loaders.qwen_code.records import (
    Broken,
    Record,
    Skipped,
    read_body,
    read_document,
    read_recording_line,
)
from raw_loaders.redaction import Redactor
from raw_loaders.rows import (
    NULL,
    encode_identity,
    encode_jsonb,
    encode_provenance,
    encode_row,
    encode_text,
    encode_texts,
)
from raw_loaders.times import FUTURE_TOLERANCE, QUARTER_HOUR, to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from raw_loaders.catalogue import Catalogue
    from raw_loaders.chunks import Chunk
    from raw_loaders.qwen_code.records import Part
    from raw_loaders.redaction import HashKeys

PRODUCER = "qwen-code"
ENCODED_PRODUCER = encode_text(PRODUCER)
# How a line begins that is a document itself; no line of a pretty-printed one does.
COMPACT = (b'{"', b'{ "')
COMPACT_LINE = b'\n{"'
RECORDING_MARK = b'"sessionId"'


class TelemetryDecoder:
    """Decodes one object from its start or, after `recall`, from where it was left."""

    def __init__(
        self, catalogue: Catalogue, keys: HashKeys, _timezone: ZoneInfo, now: datetime
    ) -> None:
        latest = to_micros(now + FUTURE_TOLERANCE)
        self._reader = TelemetryEventReader(catalogue, Redactor(keys), keys, latest)
        self._splitter = DocumentSplitter()
        # Of the first line that the splitter holds.
        self._held = Position(0, 0)
        # Whether the object has a body or a recording's line on each line.
        self._is_compact = False
        self._occurrences = Occurrences()
        self._is_recalling = False
        # Few in an object, and of every row.
        self._encode_session = lru_cache(maxsize=1024)(encode_text)
        self._encode_name = lru_cache(maxsize=256)(encode_text)

    @property
    def held_from(self) -> Position | None:
        """See `chunks.HoldingDecoder`: a document without an end so far."""
        return self._held if self._splitter.held_bytes else None

    def reject_held(self, chunk: Chunk) -> None:
        """See `chunks.HoldingDecoder`."""
        self._take(self._give_up_held(), chunk)

    def decode_lines(
        self, lines: Sequence[bytes], first_number: int, offset: int, chunk: Chunk
    ) -> None:
        """See `chunks.Decoder`; what a document holds counts at its first line."""
        self._end_recall()
        self._take(self._parts(lines, first_number, offset), chunk)

    def _take(self, parts: Iterable[tuple[bytes, int, int, Part]], chunk: Chunk) -> None:
        rejected: Line | None = None
        for raw, number, start, part in parts:
            if isinstance(part, Skipped):
                chunk.skipped[part.kind] += 1
                chunk.measures += part.measures
                continue
            chunk.read_count += 1
            if isinstance(part, Record):
                self._occurrences.move_to(start)
                found = self._reader.read(part, self._occurrences)
            else:
                found = part
            if isinstance(found, TelemetryRow):
                # Not the lines themselves: those of one chunk are a million.
                chunk.keep(number, start, raw, 1)
                self._add(found, number, chunk)
                continue
            if rejected is None or rejected.raw is not raw:
                # A body of many broken records is hashed once.
                rejected = Line.of(raw, number, start)
            rejection = Rejection(reason=found.reason, detail=found.detail, producer=PRODUCER)
            chunk.rejected.append((rejected, rejection))

    def _add(self, event: TelemetryRow, number: int, chunk: Chunk) -> None:
        session = self._encode_session(event.session_id)
        content = b"".join(
            (
                self._encode_name(event.name),
                session,
                session,
                encode_jsonb(event.payload),
                encode_texts(event.violations),
            )
        )
        identity = encode_identity(event.micros, event.event_key)
        provenance = encode_provenance(
            number, None, ENCODED_PRODUCER, event.event_id.encode(), NULL
        )
        label = (PRODUCER, event.name, event.micros // QUARTER_HOUR)
        chunk.add(identity, encode_row(identity, provenance, content, label))
        if event.violations or event.unknown_fields:
            chunk.flag(identity, event.violations, event.unknown_fields)

    def is_whole(self, raw: bytes) -> bool:
        """Return whether a last line without a line end is all there: JSON shows its own end."""
        self._end_recall()
        if self._splitter.held_bytes:
            return raw.rstrip() == b"}"
        try:
            msgspec.json.decode(raw, type=msgspec.Raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return False
        return True

    def recall(self, lines: Sequence[bytes], offset: int) -> None:
        """See `chunks.RecallingDecoder`: counts records."""
        self._is_recalling = True
        for _, _, start, part in self._parts(lines, 1, offset):
            if isinstance(part, Record):
                self._occurrences.move_to(start)
                self._reader.count(part, self._occurrences)

    def _end_recall(self) -> None:
        """Forget half a document that an earlier load rejected: it is not to be again."""
        if self._is_recalling:
            self._is_recalling = False
            self._splitter = DocumentSplitter()

    def _parts(
        self, lines: Sequence[bytes], first_number: int, offset: int
    ) -> Iterator[tuple[bytes, int, int, Part]]:
        """Give what the lines complete: its bytes, first line, offset, and what it is."""
        if not (self._is_compact or any(map(_is_compact, lines[:1]))):
            data = b"\n".join((*lines, b""))
            if COMPACT_LINE not in data:
                yield from self._documents(data, first_number, offset)
                return
        starts = accumulate((len(line) + 1 for line in lines), initial=offset)
        numbered = zip(lines, count(first_number), starts, strict=False)
        for is_compact, run in groupby(numbered, key=lambda line: _is_compact(line[0])):
            placed = list(run)
            if is_compact:
                # No document goes on behind a line that is one: its writer was killed.
                yield from self._give_up_held()
                self._is_compact = True
            first = next((raw for raw, _, _ in placed if raw.strip()), b"")
            if is_compact or not self._begins_document(first):
                for raw, number, start in placed:
                    if raw.strip():
                        yield from ((raw, number, start, part) for part in _read_line(raw))
            else:
                text = b"\n".join((*(raw for raw, _, _ in placed), b""))
                yield from self._documents(text, *placed[0][1:])

    def _begins_document(self, raw: bytes) -> bool:
        """Whether a line that is no document itself belongs to one of many lines."""
        is_held = self._splitter.held_bytes > 0
        return is_held or not self._is_compact or raw.strip() == b"{"

    def _documents(
        self, data: bytes, first_number: int, offset: int
    ) -> Iterator[tuple[bytes, int, int, Part]]:
        splitter = self._splitter
        if not splitter.held_bytes:
            self._held = Position(offset, first_number - 1)
        # Where the block's part of the first document ends: a line too long to be kept may
        # lie between it and what is held.
        end_offset = offset - splitter.held_bytes
        end_line = first_number - 1 - splitter.held_lines
        for raw, is_damaged in splitter.feed(data):
            number, start = self._held.line_number + 1, self._held.offset
            if is_damaged:
                yield raw, number, start, Broken("malformed", "no whole document")
            else:
                yield from ((raw, number, start, part) for part in read_document(raw))
            end_offset += len(raw)
            end_line += raw.count(b"\n")
            self._held = Position(end_offset, end_line)

    def _give_up_held(self) -> Iterator[tuple[bytes, int, int, Part]]:
        raw = self._splitter.held()
        self._splitter = DocumentSplitter()
        if raw.strip():
            part = Broken("malformed", "half a document")
            yield raw, self._held.line_number + 1, self._held.offset, part


def _is_compact(raw: bytes) -> bool:
    return raw.lstrip().startswith(COMPACT)


def _read_line(raw: bytes) -> Iterator[Part]:
    if RECORDING_MARK in raw:
        part = read_recording_line(raw)
        if not isinstance(part, Broken):
            yield part
            return
    yield from read_body(raw)
