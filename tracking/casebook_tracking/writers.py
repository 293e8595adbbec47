"""The one thread of a process that hands queued events on.

The caller's side only appends to the queue; this thread looks at it after each pause, so that
`track` never has to wake anybody.
"""

from __future__ import annotations

import _thread
import logging
import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from casebook_tracking.batches import RETRY_SECONDS
from casebook_tracking.recovery import recover_leftovers

if TYPE_CHECKING:
    from collections.abc import Callable

    from casebook_tracking.batches import Batches
    from casebook_tracking.settings import TrackerSettings

logger = logging.getLogger("casebook_tracking")

# Between two looks at the queue: so long that a look finds about as many events as one turn takes
# (see `batches`). A service with many has them taken little by little, and its requests wait for
# no large batch; one with few is seldom disturbed. What a hard kill can lose is what was tracked
# in a pause.
SHORTEST_PAUSE_SECONDS = 0.002
LONGEST_PAUSE_SECONDS = 0.05
FEW_EVENTS, MANY_EVENTS = 16, 48
# Between two tries of a writer that has to end soon.
HURRY_SECONDS = 0.025
# How much of the time to end in goes into writing what is queued. The rest is for declaring what
# is not written and for sealing: ten system calls, after each of which every thread that
# computes may keep the interpreter for a turn (see `turns`).
WRITING_SHARE = 0.5
# How often to look for files that a process of this spool left open when it died.
RECOVERY_SECONDS = 30.0


class Flush(NamedTuple):
    """Somebody waits for the answer whether what was queued at the mark can be read."""

    mark: int
    # May be read in a signal handler.
    answer: SimpleQueue[bool]


class Writer:
    """The writer of one process and boot: a thread, or at the end whoever closes."""

    def __init__(self, settings: TrackerSettings, batches: Batches) -> None:
        self._spool = settings.spool
        self._heartbeat_seconds = settings.heartbeat_seconds
        self._batches = batches
        self._heartbeat_at = time.monotonic() + settings.heartbeat_seconds
        self._recover_at = 0.0
        self._pause_seconds = LONGEST_PAUSE_SECONDS
        self._stop_by: float | None = None
        self._flushes: list[Flush] = []
        # May be put to from a signal handler, where an Event may not be set.
        self._wake: SimpleQueue[None] = SimpleQueue()
        # Held by who does the writer's work.
        self._working = threading.Lock()
        self._has_ended = False
        self._is_sealed = False
        self._declared_sent = -1
        self.given_up = 0

    def start(self) -> None:
        """Start the thread, if nobody has. Raises RuntimeError when the system gives none.

        `threading.Thread.start` would wait for the new thread to run, which takes as long
        as all threads that compute keep the interpreter: 5 ms each.
        """
        if not self._working.acquire(blocking=False):
            return
        try:
            _thread.start_new_thread(self._run, ())
        except RuntimeError:
            self._working.release()
            raise

    def flush(self, timeout: float) -> bool:
        """Wait until all that is queued now can be read by others; False after `timeout`."""
        flush = Flush(self._batches.mark(), SimpleQueue())
        self._flushes.append(flush)
        self._wake.put(None)
        try:
            return flush.answer.get(timeout=min(max(timeout, 0), threading.TIMEOUT_MAX))
        except Empty:
            return False
        finally:
            # Else the writer would hurry for somebody who has gone.
            self._flushes.remove(flush)

    def ask_to_end(self, timeout: float) -> None:
        """Let the thread end within `timeout` seconds; do not wait for it."""
        if self._stop_by is None:
            self._stop_by = time.monotonic() + timeout
            self._wake.put(None)

    def wait_for_end(self, timeout: float) -> bool:
        """Wait for the end, or make it where no thread ever ran; whether all is written."""
        if self._working.acquire(timeout=min(timeout, threading.TIMEOUT_MAX)):
            try:
                self._end()
            finally:
                self._working.release()
        return self._has_written_all()

    def _has_written_all(self) -> bool:
        return self._has_ended and self._is_sealed and not self.given_up

    def _run(self) -> None:
        has_more = False
        try:
            while self._stop_by is None:
                if not has_more:
                    with suppress(Empty):
                        self._wake.get(timeout=self._pause_seconds)
                has_more = self._guarded(self._work)
            self._end()
        finally:
            self._working.release()

    def _work(self) -> bool:
        """Do one round; return whether the next needs no pause."""
        now = time.monotonic()
        # Behind a batch that nothing takes it would only wait.
        if now >= self._heartbeat_at and not self._batches.pending():
            self._heartbeat_at = now + self._heartbeat_seconds
            self._batches.add_heartbeat()
        # Behind a batch that nothing took there may be many, and nothing to hurry for.
        queued = 0 if self._batches.pending() else self._batches.queued()
        self._pause_seconds = next_pause(self._pause_seconds, queued)
        flushes = [flush for flush in self._flushes if flush.answer.empty()]
        has_more = self._batches.write_some(is_urgent=bool(flushes))
        written = [flush for flush in flushes if self._batches.has_written(flush.mark)]
        if self._batches.seal(is_asked=bool(written)):
            for flush in written:
                flush.answer.put(True)
        if now >= self._recover_at:
            self._recover_at = now + RECOVERY_SECONDS
            self._recover()
        return has_more

    def _end(self) -> None:
        """Write what time allows, declare the rest as dropped, seal. Once."""
        if self._has_ended:
            return
        started = time.monotonic()
        stop_by = started if self._stop_by is None else self._stop_by
        write_by = started + WRITING_SHARE * (stop_by - started)
        while self._batches.pending() + self._batches.queued() and time.monotonic() < write_by:
            self._guarded(self._write_urgently)
        self.given_up = self._batches.give_up()
        while not self._guarded(self._declare) and time.monotonic() < stop_by:
            time.sleep(HURRY_SECONDS)
        self._batches.close()
        self._has_ended = True
        for flush in list(self._flushes):
            flush.answer.put(self._has_written_all())

    def _write_urgently(self) -> bool:
        has_more = self._batches.write_some(is_urgent=True)
        if self._batches.pending():
            time.sleep(HURRY_SECONDS)
        return has_more

    def _declare(self) -> bool:
        """Write the last heartbeat and seal; another one when the file with the last is gone."""
        if not self._batches.pending() and self._batches.sent != self._declared_sent:
            self._batches.add_last_heartbeat()
        self._batches.write_some(is_urgent=True)
        if not self._batches.pending():
            self._declared_sent = self._batches.sent
            self._is_sealed = self._batches.seal(is_asked=True)
        return self._is_sealed

    def _guarded(self, step: Callable[[], bool]) -> bool:
        """Do a step. A fault of ours must not end the writer: the queue would fill and drop all."""
        try:
            return step()
        except BaseException:
            with suppress(Exception):
                logger.exception("the tracking writer failed and goes on")
            time.sleep(RETRY_SECONDS)
            return False

    def _recover(self) -> None:
        if self._spool is None:
            return
        try:
            recover_leftovers(self._spool, goes_on=lambda: self._stop_by is None)
        except OSError as error:
            logger.warning("leftovers in %s cannot be sealed: %s", self._spool, error)


def next_pause(seconds: float, queued: int) -> float:
    """Return how long to pause after a pause of `seconds` in which so many events came."""
    if queued < FEW_EVENTS:
        return min(2 * seconds, LONGEST_PAUSE_SECONDS)
    if queued > MANY_EVENTS:
        return max(seconds / 2, SHORTEST_PAUSE_SECONDS)
    return seconds
