"""The name under which a process emits: one `source` is one emitting process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from casebook_tracking.file_locks import Slot, take_slot

if TYPE_CHECKING:
    from casebook_tracking.settings import TrackerSettings


class Producer:
    """A source, and the slot that keeps other processes from using it meanwhile."""

    def __init__(self, source: str, slot: Slot | None) -> None:
        self.source = source
        self._slot = slot

    def release(self) -> None:
        """Let another process emit under this name."""
        if self._slot is not None:
            self._slot.release()
            self._slot = None


def take_producer(settings: TrackerSettings) -> Producer:
    """Take the first free name of `<source>`, `<source>/w1`, `<source>/w2` and so on.

    Without a spool to keep the slots in it is `<source>/p<pid>`. Raises OSError when
    the spool cannot be written.
    """
    slot = None
    if settings.spool is not None:
        settings.spool.mkdir(parents=True, exist_ok=True)
        slot = take_slot(settings.spool, settings.file_name)
    if slot is None:
        return unplaced_producer(settings)
    suffix = f"/w{slot.number}" if slot.number else ""
    return Producer(settings.source + suffix, slot)


def unplaced_producer(settings: TrackerSettings) -> Producer:
    """Return the name of a process that has no slot."""
    return Producer(f"{settings.source}/p{os.getpid()}", None)
