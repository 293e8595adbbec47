"""The one thread of a process that hands queued events on.

The caller's side only appends to the queue; this thread looks at it every
`POLL_SECONDS`, so that `track` never has to wake anybody.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from casebook_tracking.batches import RETRY_SECONDS
from casebook_tracking.recovery import recover_leftovers

if TYPE_CHECKING:
    from collections.abc import Callable

    from casebook_tracking.batches import Batches
    from casebook_tracking.settings import TrackerSettings

logger = logging.getLogger("casebook_tracking")

# What a hard kill can lose is what was tracked in this time.
POLL_SECONDS = 0.05
# Between two tries of a writer that has to end soon.
HURRY_SECONDS = 0.025
# How often to look for files that a process of this spool left open when it died.
RECOVERY_SECONDS = 30.0


class Writer:
    """The writer thread of one process and boot."""

    def __init__(
        self, settings: TrackerSettings, batches: Batches, next_sequence: Callable[[], int]
    ) -> None:
        self._spool = settings.spool
        self._heartbeat_seconds = settings.heartbeat_seconds
        self._batches = batches
        self._next_sequence = next_sequence
        self._heartbeat_at = time.monotonic() + settings.heartbeat_seconds
        self._recover_at = 0.0
        self._stop_by: float | None = None
        self._flushes: list[threading.Event] = []
        # May be put to from a signal handler, where an Event may not be set.
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="casebook-tracking", daemon=True)

    def start(self) -> None:
        """Start the thread. Raises RuntimeError when the system gives none."""
        self._thread.start()

    def flush(self, timeout: float) -> bool:
        """Wait until all that is queued now can be read by others; False after `timeout`."""
        done = threading.Event()
        self._flushes.append(done)
        self._wake.put(None)
        return done.wait(timeout)

    def stop(self, timeout: float) -> bool:
        """Write what is queued and a last heartbeat, end the thread; False after `timeout`."""
        self._stop_by = time.monotonic() + timeout
        self._wake.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        is_done = False
        while not is_done:
            with suppress(Empty):
                hurries = self._stop_by is not None
                self._wake.get(timeout=HURRY_SECONDS if hurries else POLL_SECONDS)
            try:
                is_done = self._work()
            except Exception:
                # A fault of ours must not end the thread: the queue would fill and drop all.
                logger.exception("the tracking writer failed and goes on")
                time.sleep(RETRY_SECONDS)
                is_done = self._is_late()
        self._batches.close()

    def _work(self) -> bool:
        """Do one round; return whether the thread may end."""
        is_final, flushes = self._stop_by is not None, list(self._flushes)
        is_asked = is_final or bool(flushes)
        is_out = self._batches.drain(is_urgent=is_asked)
        if is_out and (is_final or time.monotonic() >= self._heartbeat_at):
            self._heartbeat_at = time.monotonic() + self._heartbeat_seconds
            self._batches.queue_heartbeat(self._next_sequence)
            is_out = self._batches.drain(is_urgent=is_asked)
        is_out = is_out and self._batches.seal(is_asked=is_asked)
        if is_out:
            for done in flushes:
                self._flushes.remove(done)
                done.set()
        if time.monotonic() >= self._recover_at:
            self._recover()
        return (is_final and is_out) or self._is_late()

    def _is_late(self) -> bool:
        return self._stop_by is not None and time.monotonic() >= self._stop_by

    def _recover(self) -> None:
        self._recover_at = time.monotonic() + RECOVERY_SECONDS
        if self._spool is None:
            return
        try:
            recover_leftovers(self._spool)
        except OSError as error:
            logger.warning("leftovers in %s cannot be sealed: %s", self._spool, error)
