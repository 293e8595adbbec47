"""What each source is made of: its catalogue, decoder and table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from raw_loaders.catalogue import read_catalogue
from raw_loaders.cloudevents import CloudEventsDecoder
from raw_loaders.coze_studio.decoding import StudioDecoder, describe_source
from raw_loaders.errors import SettingsError
from raw_loaders.lines import MAX_LINE_BYTES
from raw_loaders.qwen_code.decoding import TelemetryDecoder

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from raw_loaders.catalogue import Catalogue
    from raw_loaders.chunks import Decoder
    from raw_loaders.redaction import HashKeys

    DecoderFactory = Callable[[Catalogue, HashKeys, ZoneInfo, datetime], Decoder]


@dataclass(frozen=True, kw_only=True)
class Source:
    """One source; `table` is its raw table in schema staging.

    Of a nested payload the catalogue does not say which parts another key or catalogue would
    write differently: after a change of either, copies are known by identity and name alone.
    """

    name: str
    table: str
    catalogue: Catalogue
    new_decoder: DecoderFactory
    has_nested_payload: bool = False
    # Whether it may also come as the Redis stream `casebook:<name>`.
    has_stream: bool = False
    # Longer lines are rejected unread.
    max_line_bytes: int = MAX_LINE_BYTES


def no_decoder(_: Catalogue, __: HashKeys, ___: ZoneInfo, ____: datetime) -> Decoder:
    """Stand for the decoder of a source whose rows come typed."""
    raise AssertionError("rows of a database are not decoded")


def find_source(name: str) -> Source:
    """Return the source of that name.

    Raises `SettingsError` when there is none.
    """
    match name:
        case "support":
            return Source(
                name=name,
                table="raw_support_events",
                catalogue=read_catalogue(name),
                new_decoder=CloudEventsDecoder,
                has_stream=True,
            )
        case "ai_admin":
            return Source(
                name=name,
                table="raw_ai_admin_rows",
                catalogue=read_catalogue(name),
                new_decoder=no_decoder,
            )
        case "coze_studio":
            return Source(
                name=name,
                table="raw_coze_studio_events",
                catalogue=describe_source(),
                new_decoder=StudioDecoder,
                has_nested_payload=True,
                # A body of many events.
                max_line_bytes=4 * 2**20,
            )
        case "qwen_code":
            return Source(
                name=name,
                table="raw_qwen_code_events",
                catalogue=read_catalogue(name),
                new_decoder=TelemetryDecoder,
                has_nested_payload=True,
                # A body of many events, each with the texts of a conversation; or one such text.
                max_line_bytes=16 * 2**20,
            )
    raise SettingsError(f"{name} is not a source of Casebook.")
