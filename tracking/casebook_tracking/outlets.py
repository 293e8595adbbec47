"""Where lines leave the process: a Redis stream when there is one, else the spool."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from casebook_tracking.redis_streams import RedisAwayError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casebook_tracking.redis_streams import Stream
    from casebook_tracking.spools import Spool

logger = logging.getLogger("casebook_tracking")

# Seconds until Redis is tried again, doubled from the first to the last.
FIRST_RETRY_SECONDS = 0.5
LAST_RETRY_SECONDS = 15.0


class NowhereError(OSError):
    """Neither Redis nor the spool takes lines."""


class Outlet:
    """Hands batches of lines to Redis or the spool. For one thread of one process."""

    def __init__(self, stream: Stream | None, spool: Spool | None) -> None:
        self._stream = stream
        self._spool = spool
        self._retry_at = 0.0
        self._retry_seconds = FIRST_RETRY_SECONDS

    def write(self, lines: Sequence[bytes]) -> bool:
        """Hand over lines; return whether they went to the spool.

        Raises OSError when nothing took them; they may be offered again.
        """
        if self._stream is not None and time.monotonic() >= self._retry_at:
            try:
                self._stream.send(lines)
            except RedisAwayError as error:
                self._wait(error)
            else:
                self._retry_seconds = FIRST_RETRY_SECONDS
                return False
        if self._spool is None:
            raise NowhereError("Redis is away and there is no spool")
        self._spool.write(b"".join(lines))
        return True

    def seal_if_due(self) -> None:
        """Seal the spool's open file when it is old enough. Raises OSError."""
        if self._spool is not None:
            self._spool.seal_if_due()

    def seal(self) -> None:
        """Make visible what was written. Raises OSError."""
        if self._spool is not None:
            self._spool.seal()

    def abandon(self) -> None:
        """Let go of the spool's file as it is."""
        if self._spool is not None:
            self._spool.abandon()

    def _wait(self, error: RedisAwayError) -> None:
        logger.warning("Redis is away (%s): events go to the spool", error)
        self._retry_at = time.monotonic() + self._retry_seconds
        self._retry_seconds = min(2 * self._retry_seconds, LAST_RETRY_SECONDS)
