"""Lines of the client's telemetry as rows and rejections. The unit is the event.

An object is an outfile (documents of many lines) or has a body or a recording's line on
each line; its first line tells. What is no event counts as skipped and is not read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from raw_loaders.chunks import Line, Position, Rejection
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
# Where a line of its own begins, and no pretty-printed document does.
COMPACT = b'{"'
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
        # How often each record came in this object.
        self._occurrences: Counter[bytes] = Counter()

    @property
    def held_from(self) -> Position | None:
        """See `chunks.HoldingDecoder`: a document without an end so far."""
        return self._held if self._splitter.held_bytes else None

    def reject_held(self, chunk: Chunk) -> None:
        """See `chunks.HoldingDecoder`."""
        raw = self._splitter.held()
        if raw.strip():
            line = Line.of(raw, self._held.line_number + 1, self._held.offset)
            rejection = Rejection(reason="malformed", detail="half a document", producer=PRODUCER)
            chunk.read_count += 1
            chunk.rejected.append((line, rejection))
        self._splitter = DocumentSplitter()

    def decode_lines(
        self, lines: Sequence[bytes], first_number: int, offset: int, chunk: Chunk
    ) -> None:
        """See `chunks.Decoder`; what a document holds counts at its first line."""
        for raw, number, start, part in self._parts(lines, first_number, offset):
            if isinstance(part, Skipped):
                chunk.skipped[part.kind] += 1
                continue
            chunk.read_count += 1
            found = self._reader.read(part, self._occurrences) if isinstance(part, Record) else part
            if isinstance(found, TelemetryRow):
                # Not the lines themselves: those of one chunk are a million.
                chunk.blocks.append((number, start, (raw,)))
                _add(found, number, chunk)
            else:
                rejection = Rejection(reason=found.reason, detail=found.detail, producer=PRODUCER)
                chunk.rejected.append((Line.of(raw, number, start), rejection))

    def is_whole(self, raw: bytes) -> bool:
        """Return whether a last line without a line end is all there: JSON shows its own end."""
        if self._splitter.held_bytes:
            return raw.rstrip() == b"}"
        try:
            msgspec.json.decode(raw, type=msgspec.Raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return False
        return True

    def recall(self, lines: Sequence[bytes]) -> None:
        """See `chunks.RecallingDecoder`: counts records."""
        for _, _, _, part in self._parts(lines, 1, 0):
            if isinstance(part, Record):
                self._reader.read(part, self._occurrences)

    def _parts(
        self, lines: Sequence[bytes], first_number: int, offset: int
    ) -> Iterator[tuple[bytes, int, int, Part]]:
        """Give what the lines complete: its bytes, first line, offset, and what it is."""
        splitter = self._splitter
        if not splitter.held_bytes:
            first = next((line for line in lines if line.strip()), b"")
            if not first:
                return
            if first.lstrip().startswith(COMPACT):
                starts = accumulate((len(line) + 1 for line in lines), initial=offset)
                for number, (raw, start) in enumerate(
                    zip(lines, starts, strict=False), first_number
                ):
                    if raw.strip():
                        yield from ((raw, number, start, part) for part in _read_line(raw))
                return
            self._held = Position(offset, first_number - 1)
        # Where the block's part of the first document ends: a line too long to be kept may
        # lie between it and what is held.
        end_offset = offset - splitter.held_bytes
        end_line = first_number - 1 - splitter.held_lines
        for raw, is_damaged in splitter.feed(b"\n".join((*lines, b""))):
            part = Broken("malformed", "no whole document") if is_damaged else read_document(raw)
            yield raw, self._held.line_number + 1, self._held.offset, part
            end_offset += len(raw)
            end_line += raw.count(b"\n")
            self._held = Position(end_offset, end_line)


def _read_line(raw: bytes) -> Iterator[Part]:
    if RECORDING_MARK in raw:
        part = read_recording_line(raw)
        if not isinstance(part, Broken):
            yield part
            return
    yield from read_body(raw)


def _add(event: TelemetryRow, number: int, chunk: Chunk) -> None:
    session = encode_text(event.session_id)
    content = b"".join(
        (
            encode_text(event.name),
            session,
            session,
            encode_jsonb(event.payload),
            encode_texts(event.violations),
        )
    )
    identity = encode_identity(event.micros, event.event_key)
    provenance = encode_provenance(
        number, None, encode_text(PRODUCER), event.event_id.encode(), NULL
    )
    label = (PRODUCER, event.name, event.micros // QUARTER_HOUR)
    chunk.add(identity, encode_row(identity, provenance, content, label))
    chunk.flag(identity, event.violations, event.unknown_fields)
