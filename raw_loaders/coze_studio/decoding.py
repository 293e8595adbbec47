"""Lines of posted bodies as rows and rejections. The unit is the event, not the line.

A post's events share its line number and offset; a line that cannot be read counts as one.
"""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING

from raw_loaders.chunks import Line, Rejection
from raw_loaders.coze_studio.bodies import Broken, read_line
from raw_loaders.coze_studio.catalogue import read_studio_catalogue
from raw_loaders.coze_studio.events import ProductEventRow, RejectedEvent, StudioEventReader
from raw_loaders.redaction import HashKeys, Redactor
from raw_loaders.rows import (
    encode_identity,
    encode_jsonb,
    encode_provenance,
    encode_text,
    encode_texts,
)
from raw_loaders.times import FUTURE_TOLERANCE, QUARTER_HOUR, LocalDays, to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from raw_loaders.catalogue import Catalogue
    from raw_loaders.chunks import Chunk

# Columns of the raw table after entity_id, in this order.
ENTITY_KEYS = ("user_key", "visit_id")


class StudioDecoder:
    """Decodes one object after another; one instance a thread."""

    def __init__(
        self,
        catalogue: Catalogue,  # noqa: ARG002 - the studio's own has unions and open events
        keys: HashKeys,
        timezone: ZoneInfo,
        now: datetime,
    ) -> None:
        latest = to_micros(now + FUTURE_TOLERANCE)
        self._reader = StudioEventReader(read_studio_catalogue(), Redactor(keys), keys, latest)
        self._days = LocalDays(timezone)
        self._occurrences: Counter[bytes] = Counter()

    def decode_lines(
        self, lines: Sequence[bytes], first_number: int, offset: int, chunk: Chunk
    ) -> None:
        """See `chunks.Decoder`; blank lines are no lines."""
        if offset == 0:
            self._occurrences.clear()
        chunk.blocks.append((first_number, offset, lines))
        starts = accumulate((len(line) + 1 for line in lines), initial=offset)
        for number, (raw, start) in enumerate(zip(lines, starts, strict=False), first_number):
            if raw.strip():
                self._decode_line(raw, number, start, chunk)

    def recall_lines(self, lines: Sequence[bytes]) -> None:
        """Count the events without an index of lines that an earlier load has landed."""
        for raw in lines:
            for part in read_line(raw):
                if not isinstance(part, Broken):
                    self._reader.read(part, self._occurrences)

    def _decode_line(self, raw: bytes, number: int, start: int, chunk: Chunk) -> None:
        for part in read_line(raw):
            chunk.read_count += 1
            if isinstance(part, Broken):
                line = Line.of(part.raw if part.raw is not None else raw, number, start)
                chunk.rejected.append((line, _rejection(part)))
                continue
            event = self._reader.read(part, self._occurrences)
            if isinstance(event, ProductEventRow):
                self._add(event, part.raw, number, start, chunk)
            else:
                line = Line.of(part.raw(), number, start)
                chunk.rejected.append((line, self._rejected(event)))
