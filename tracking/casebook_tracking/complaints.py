"""Warnings in the service's log: each once, and never with an event's content."""

from __future__ import annotations

import logging

logger = logging.getLogger("casebook_tracking")

# A service that makes up event types must not fill memory.
MAX_REMEMBERED = 1000


class Complaints:
    """Logs a warning once, until what it warned of is over."""

    def __init__(self) -> None:
        self._made: set[str] = set()

    def make(self, what: str, why: object, *, remember_why: bool = False) -> None:
        """Warn that `what`, because of `why`, unless that was said before.

        With `remember_why` the same with another reason is worth a warning too.
        """
        key = f"{what}: {why}" if remember_why else what
        if key not in self._made and len(self._made) < MAX_REMEMBERED:
            self._made.add(key)
            logger.warning("%s: %s", what, why)

    def forget(self, what: str) -> None:
        """Make the next time worth a warning again."""
        self._made.discard(what)
