"""A decoder of support events, and what it makes of lines."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from raw_loaders.catalogue import read_catalogue
from raw_loaders.chunks import Chunk
from raw_loaders.cloudevents import CloudEventsDecoder
from tests.landing_parts.places import KEYS

NOW = datetime(2025, 6, 10, tzinfo=UTC)


class _Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """Accepts no event."""

    never: int


def new_decoder(*, is_careful: bool = False) -> CloudEventsDecoder:
    """Give a decoder; a careful one looks at every line field by field."""
    decoder = CloudEventsDecoder(read_catalogue("support"), KEYS, ZoneInfo("Asia/Shanghai"), NOW)
    if is_careful:
        decoder._decode = msgspec.json.Decoder(_Nothing).decode
    return decoder


def decode(*lines: bytes, is_careful: bool = False) -> Chunk:
    """Give the chunk of some lines."""
    chunk = Chunk(0, 0, 0)
    new_decoder(is_careful=is_careful).decode_lines(lines, 1, 0, chunk)
    return chunk
