"""Lines of posted bodies as rows and rejections. The unit is the event, not the line.

A post's events share its line number and offset; a line that cannot be read counts as one.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from raw_loaders.catalogue import Catalogue
from raw_loaders.chunks import Line, Rejection
from raw_loaders.coze_studio.bodies import Broken, PostedEvent, is_json, read_line
from raw_loaders.coze_studio.catalogue import catalogue_sha256, read_studio_catalogue
from raw_loaders.coze_studio.events import ProductEventRow, RejectedEvent, StudioEventReader
from raw_loaders.occurrences import Occurrences
from raw_loaders.redaction import Redactor
from raw_loaders.rows import (
    encode_identity,
    encode_jsonb,
    encode_provenance,
    encode_row,
    encode_text,
    encode_texts,
)
from raw_loaders.times import FUTURE_TOLERANCE, QUARTER_HOUR, LocalDays, to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from raw_loaders.chunks import Chunk
    from raw_loaders.redaction import HashKeys

# Columns of the raw table after entity_id, in this order.
ENTITY_KEYS = ("user_key", "visit_id")
# Of a rejected event's time, what is worth counting by day: 1970 to 2100.
COUNTABLE_MICROS = range(-946_684_800_000_000, 3_155_760_000_000_000)


def describe_source() -> Catalogue:
    """Describe the source as the landing needs it; the events are the studio's own matter."""
    catalogue = read_studio_catalogue()
    return Catalogue(
        source=catalogue.source,
        title=catalogue.title,
        description=catalogue.description,
        keeps_rejected_bytes=catalogue.keeps_rejected_bytes,
        entity_keys=ENTITY_KEYS,
        events={},
        sha256=catalogue_sha256(),
    )


class StudioDecoder:
    """Decodes one object from its start or, after `recall`, from where it was left."""

    def __init__(
        self, _catalogue: Catalogue, keys: HashKeys, timezone: ZoneInfo, now: datetime
    ) -> None:
        latest = to_micros(now + FUTURE_TOLERANCE)
        self._reader = StudioEventReader(read_studio_catalogue(), Redactor(keys), keys, latest)
        self._days = LocalDays(timezone)
        # How often each record without an index came in this object.
        self._occurrences = Occurrences()

    def decode_lines(
        self, lines: Sequence[bytes], first_number: int, offset: int, chunk: Chunk
    ) -> None:
        """See `chunks.Decoder`; blank lines are no lines."""
        chunk.keep(first_number, offset, b"\n".join(lines), len(lines))
        starts = accumulate((len(line) + 1 for line in lines), initial=offset)
        for number, (raw, start) in enumerate(zip(lines, starts, strict=False), first_number):
            if raw.strip():
                self._decode_line(raw, number, start, chunk)

    def is_whole(self, raw: bytes) -> bool:
        """Return whether it is JSON, which shows its own end."""
        return is_json(raw)

    def recall(self, lines: Sequence[bytes], offset: int) -> None:
        """See `chunks.RecallingDecoder`: counts records without an index."""
        starts = accumulate((len(line) + 1 for line in lines), initial=offset)
        for raw, start in zip(lines, starts, strict=False):
            self._occurrences.move_to(start)
            for part in read_line(raw):
                if isinstance(part, PostedEvent):
                    self._reader.read(part, self._occurrences)

    def _decode_line(self, raw: bytes, number: int, start: int, chunk: Chunk) -> None:
        self._occurrences.move_to(start)
        for part in read_line(raw):
            chunk.read_count += 1
            event = (
                RejectedEvent(broken=part, app_id=None)
                if isinstance(part, Broken)
                else self._reader.read(part, self._occurrences)
            )
            if isinstance(event, ProductEventRow):
                _add(event, number, chunk)
            else:
                line = Line.of(event.broken.raw or raw, number, start)
                chunk.rejected.append((line, self._rejection(event)))

    def _rejection(self, event: RejectedEvent) -> Rejection:
        day = None
        if event.micros is not None and event.micros in COUNTABLE_MICROS:
            day = self._days.of_quarter(event.micros // QUARTER_HOUR)
        return Rejection(
            reason=event.broken.reason,
            detail=event.broken.detail,
            producer=event.app_id,
            event_name=event.name,
            event_date=day,
            boot=event.device_key,
            sequence=event.event_index,
        )


def _add(event: ProductEventRow, number: int, chunk: Chunk) -> None:
    identity = encode_identity(event.micros, event.event_key)
    provenance = encode_provenance(
        number,
        event.event_index,
        encode_text(event.app_id),
        event.event_id.encode(),
        encode_text(event.device_key),
    )
    content = b"".join(
        (
            encode_text(event.name),
            encode_text(event.user_key or event.app_id),
            encode_text(event.user_key),
            encode_text(event.visit_id),
            encode_jsonb(event.payload),
            encode_texts(event.violations),
        )
    )
    label = (event.app_id, event.name, event.micros // QUARTER_HOUR)
    chunk.add(identity, encode_row(identity, provenance, content, label))
    chunk.flag(identity, event.violations, event.unknown_names)
