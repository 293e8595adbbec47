"""One process's life of a tracker: its boot, its sequence, its queue, its writer.

A fork gives the child a new emitter; nothing but the settings is shared.
"""

from __future__ import annotations

import time
import uuid
from collections import deque
from typing import TYPE_CHECKING

from casebook_tracking.batches import RETRY_SECONDS, Batches
from casebook_tracking.complaints import Complaints
from casebook_tracking.counters import Counters, Numbers
from casebook_tracking.encoding import Event
from casebook_tracking.redis_streams import RedisStream
from casebook_tracking.turns import short_turns
from casebook_tracking.writers import Writer

if TYPE_CHECKING:
    from casebook_tracking.settings import TrackerSettings


class Emitter:
    """Takes events from any thread without waiting, and lets one writer thread have them."""

    def __init__(self, settings: TrackerSettings) -> None:
        self.boot = uuid.uuid4().hex
        self._limit = settings.queue_size
        self._queue: deque[Event] = deque()
        self._numbers = Numbers()
        self._complaints = Complaints()
        self._is_started = False
        self._is_closed = False
        self._start_at = 0.0
        stream = None
        if settings.redis_url is not None:
            stream = RedisStream(settings.redis_url, settings.stream, settings.stream_length)
        self._batches = Batches(settings, self.boot, self._queue, stream, self._numbers)
        self._writer = Writer(settings, self._batches)

    def emit(self, event_type: str, data: object) -> None:
        """Queue an event, or drop it when the queue is full.

        The number is taken first, so that a drop leaves a gap; number, length, append are
        each one atomic step of the interpreter, and no lock is held that a signal
        handler, a greenlet or a fork could meet.
        """
        if not self._is_started:
            self._start()
        sequence = self._numbers.next_sequence()
        if len(self._queue) < self._limit and not self._is_closed:
            self._queue.append(Event(time.time_ns(), sequence, event_type, data))
        else:
            self._numbers.dropped.add()
            if self._is_closed:
                self._complaints.make("events are dropped", "the tracker is closed")

    def counters(self) -> Counters:
        """Return what became of the events so far."""
        queued = len(self._queue) + self._batches.pending()
        return Counters(
            self._batches.sent,
            self._batches.spooled,
            self._numbers.dropped.value(),
            self._numbers.errors.value(),
            queued,
        )

    def count_error(self) -> None:
        """Count an event that broke a rule before it could be queued."""
        self._numbers.errors.add()

    def flush(self, timeout: float) -> bool:
        """Wait until what is queued is readable by others; False after `timeout` seconds."""
        if self._is_closed:
            return self.close(timeout)
        if not self._is_started:
            return not self._queue
        return self._writer.flush(timeout)

    def ask_to_end(self, timeout: float) -> None:
        """Take no more events, and let the writer end meanwhile."""
        self._is_closed = True
        self._writer.ask_to_end(timeout)

    def close(self, timeout: float) -> bool:
        """Write what is queued, and end; False when `timeout` seconds were not enough."""
        with short_turns:
            self.ask_to_end(timeout)
            is_complete = self._writer.wait_for_end(timeout)
        lost = self._writer.given_up or len(self._queue) + self._batches.pending()
        if lost and not is_complete:
            self._complaints.make(
                f"{lost} events could not be written before the exit", "nothing took them in time"
            )
        return is_complete

    def abandon(self) -> None:
        """In a forked child: give the parent's files back without touching them."""
        self._batches.abandon()

    def _start(self) -> None:
        """Start the writer at the first event: a process that never tracks has no thread."""
        now = time.monotonic()
        if self._is_closed or now < self._start_at:
            return
        self._start_at = now + RETRY_SECONDS
        try:
            self._writer.start()
            self._is_started = True
        except RuntimeError as error:
            # No thread now (a limit, or the interpreter is ending): events wait in the queue,
            # for the next try or for who closes.
            self._complaints.make("the tracking writer could not start", error)
