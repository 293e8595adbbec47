"""What a tracker can be told, checked once."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from casebook_tracking.redis_streams import DEFAULT_STREAM

if TYPE_CHECKING:
    from pathlib import Path

SIGTERM_MODES = ("auto", "chain", "off")


class TrackingConfigurationError(ValueError):
    """A setting is missing or wrong. Raised while configuring, never by `track`."""


@dataclass(frozen=True)
class TrackerSettings:
    """All settings of a tracker. Sizes in bytes, times in seconds.

    `queue_size`: events held in memory, about 0.6 kB each. `file_bytes`, `seal_seconds`:
    a spool file is sealed when it is this large or this old. `spool_bytes`: cap of the
    whole spool directory, sealed files included until somebody moves them away.
    `heartbeat_seconds`: at most one `tracker.heartbeat` in this time, none when idle.
    `exit_seconds`: the longest that exit waits for the writer. `on_sigterm`: see `sigterms`.
    """

    source: str
    spool: Path | None
    redis_url: str | None = None
    stream: str = DEFAULT_STREAM
    stream_length: int = 1_000_000
    queue_size: int = 32_768
    file_bytes: int = 8 << 20
    seal_seconds: float = 60.0
    spool_bytes: int = 1 << 30
    heartbeat_seconds: float = 60.0
    exit_seconds: float = 2.0
    on_sigterm: str = "auto"

    def __post_init__(self) -> None:
        if not self.source or self.source != self.source.strip():
            raise TrackingConfigurationError(
                f"source={self.source!r} must name the producer, such as /ai-chatbot/a."
            )
        if self.spool is None and self.redis_url is None:
            raise TrackingConfigurationError("a tracker needs a spool directory or a redis_url.")
        if self.on_sigterm not in SIGTERM_MODES:
            raise TrackingConfigurationError(
                f"on_sigterm={self.on_sigterm!r} must be one of {', '.join(SIGTERM_MODES)}."
            )
        for name in ("queue_size", "file_bytes", "seal_seconds", "spool_bytes", "stream_length"):
            if not 0 < getattr(self, name) < math.inf:
                raise TrackingConfigurationError(f"{name} must be a number above 0.")
        for name in ("heartbeat_seconds", "exit_seconds"):
            if not 0 <= getattr(self, name) < math.inf:
                raise TrackingConfigurationError(f"{name} must be a number and not negative.")

    @property
    def file_name(self) -> str:
        """The source as a part of a file name: `/ai-chatbot/a` → `ai-chatbot-a`."""
        return re.sub(r"[^A-Za-z0-9]+", "-", self.source).strip("-")[:80] or "events"


class TrackerOptions(TypedDict, total=False):
    """The settings that `Tracker` takes by name; see `TrackerSettings`."""

    redis_url: str | None
    stream: str
    stream_length: int
    queue_size: int
    file_bytes: int
    seal_seconds: float
    spool_bytes: int
    heartbeat_seconds: float
    exit_seconds: float
    on_sigterm: str
