"""One process's life of a tracker: its boot, its sequence, its queue, its writer.

A fork gives the child a new emitter; nothing but the settings is shared.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
import uuid
from collections import deque
from typing import TYPE_CHECKING

from casebook_tracking.batches import Batches
from casebook_tracking.counters import AtomicCount, Counters
from casebook_tracking.encoding import Event
from casebook_tracking.redis_streams import RedisStream
from casebook_tracking.writers import Writer

if TYPE_CHECKING:
    from casebook_tracking.settings import TrackerSettings

logger = logging.getLogger("casebook_tracking")


class Emitter:
    """Takes events from any thread without waiting, and lets one writer thread have them."""

    def __init__(self, settings: TrackerSettings) -> None:
        self.boot = uuid.uuid4().hex
        self._limit = settings.queue_size
        self._queue: deque[Event] = deque()
        self._next_sequence = itertools.count(1).__next__
        self._dropped = AtomicCount()
        self._errors = AtomicCount()
        self._starting = threading.Lock()
        self._is_started = False
        self._is_closed = False
        stream = None
        if settings.redis_url is not None:
            stream = RedisStream(settings.redis_url, settings.stream, settings.stream_length)
        self._batches = Batches(
            settings, self.boot, self._queue, stream, self._dropped, self._errors
        )
        self._writer = Writer(settings, self._batches, self._next_sequence)

    def emit(self, event_type: str, data: object) -> None:
        """Queue an event, or drop it when the queue is full.

        The number is taken first, so that a drop leaves a gap; number, length, append are
        each one atomic step of the interpreter, and no lock is held that a signal
        handler, a greenlet or a fork could meet.
        """
        if not self._is_started:
            self._start()
        sequence = self._next_sequence()
        if len(self._queue) < self._limit and not self._is_closed:
            self._queue.append(Event(time.time_ns(), sequence, event_type, data))
        else:
            self._dropped.add_one()

    def counters(self) -> Counters:
        """Return what became of the events so far."""
        queued = len(self._queue) + self._batches.pending()
        return Counters(
            self._batches.sent,
            self._batches.spooled,
            self._dropped.value(),
            self._errors.value(),
            queued,
        )

    def count_error(self) -> None:
        """Count an event that broke a rule before it could be queued."""
        self._errors.add_one()

    def flush(self, timeout: float) -> bool:
        """Wait until what is queued is readable by others; False after `timeout` seconds."""
        return not self._is_started or self._is_closed or self._writer.flush(timeout)

    def close(self, timeout: float) -> bool:
        """Write what is queued, and end; False when `timeout` seconds were not enough."""
        if not self._is_started or self._is_closed:
            return True
        is_done = self._writer.stop(timeout)
        self._is_closed = True
        remaining = len(self._queue) + self._batches.pending()
        if remaining:
            logger.warning("%d events could not be written before the exit", remaining)
        return is_done and not remaining

    def abandon(self) -> None:
        """In a forked child: give the parent's files back without touching them."""
        self._batches.abandon()

    def _start(self) -> None:
        """Start the writer at the first event: a process that never tracks has no thread."""
        if not self._starting.acquire(blocking=False):
            return
        try:
            if not self._is_started:
                self._writer.start()
                self._is_started = True
        except RuntimeError as error:
            # No thread now (a limit, or the interpreter is ending): events wait in the queue.
            logger.warning("the tracking writer could not start: %s", error)
        finally:
            self._starting.release()
