"""Queued events to lines, lines to batches, batches to the outlet."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from casebook_tracking.checking import problem_of
from casebook_tracking.complaints import Complaints
from casebook_tracking.encoding import Event, EventEncoder
from casebook_tracking.outlets import Outlet
from casebook_tracking.producers import Producer, take_producer, unplaced_producer
from casebook_tracking.spools import Spool
from casebook_tracking.support_events import RULES

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable

    from casebook_tracking.counters import AtomicCount
    from casebook_tracking.redis_streams import Stream
    from casebook_tracking.settings import TrackerSettings

# Events encoded between two chances for other threads to run: eight take 0.05 ms. In a
# service that computes without a pause the writer waits 5 ms for each turn, so a turn grows
# with the backlog: at 10,000 events a second it settles at 50 events and 0.16 s behind.
SLICE_EVENTS = 8
SLICES_OF_A_BACKLOG = 32
# A batch is one write; it waits in memory while nothing takes it.
BATCH_EVENTS = 512
BATCH_BYTES = 256 << 10
# Longer lines are dropped: no event is that large, and loaders refuse longer ones.
MAX_EVENT_BYTES = 1 << 20
# Seconds to leave an outlet alone that refused a batch.
RETRY_SECONDS = 0.5

WAITING = "events wait in memory"


class Batches:
    """Drains the queue of one process and boot. For one thread.

    A batch that nothing takes is kept and offered again; meanwhile the queue fills and
    `track` drops. So the first sequence to arrive is the first that was taken.
    """

    def __init__(
        self,
        settings: TrackerSettings,
        boot: str,
        queue: deque[Event],
        stream: Stream | None,
        dropped: AtomicCount,
        errors: AtomicCount,
    ) -> None:
        self._settings = settings
        self._boot = boot
        self._queue = queue
        self._stream = stream
        self._dropped = dropped
        self._errors = errors
        self._complaints = Complaints()
        self._batch: list[bytes] = []
        self._producer: Producer | None = None
        self._encoder: EventEncoder | None = None
        self._outlet: Outlet | None = None
        self._retry_at = 0.0
        self._reported = 0
        self.sent = 0
        self.spooled = 0

    def pending(self) -> int:
        """Events in the retained batch."""
        return len(self._batch)

    def drain(self, *, is_urgent: bool) -> bool:
        """Write what is queued; return whether all of it is out."""
        while self._batch or self._queue:
            if not is_urgent and time.monotonic() < self._retry_at:
                return False
            self._fill()
            if self._batch and not self._write():
                return False
        return True

    def queue_heartbeat(self, next_sequence: Callable[[], int]) -> None:
        """Queue the counters, when anything was tracked since the last time."""
        dropped = self._dropped.value()
        if self.sent + dropped == self._reported:
            return
        counts = {
            "sent": self.sent,
            "spooled": self.spooled,
            "dropped": dropped,
            "errors": self._errors.value(),
        }
        # The heartbeat itself will be sent too.
        self._reported = self.sent + dropped + 1
        self._queue.append(Event(time.time_ns(), next_sequence(), "tracker.heartbeat", counts))

    def seal(self, *, is_asked: bool) -> bool:
        """Seal the spool's file when it is due or asked for; False when the disk refuses."""
        if self._outlet is None:
            return True
        try:
            if is_asked:
                self._outlet.seal()
            else:
                self._outlet.seal_if_due()
        except OSError as error:
            self._complaints.make("the spool cannot be sealed", error)
            return False
        return True

    def close(self) -> None:
        """Give back the connection and the producer's name."""
        if self._outlet is not None:
            try:
                self._outlet.close()
            except OSError as error:
                self._complaints.make("the spool cannot be sealed", error)
        if self._producer is not None:
            self._producer.release()

    def abandon(self) -> None:
        """In a forked child: close its copies of the parent's files, write nothing."""
        if self._outlet is not None:
            self._outlet.abandon()
        if self._producer is not None:
            self._producer.release()

    def _fill(self) -> None:
        encoder = self._encoder or self._ready_encoder()
        size = sum(map(len, self._batch))
        while self._queue and len(self._batch) < BATCH_EVENTS and size < BATCH_BYTES:
            backlog = len(self._queue)
            turn = min(backlog, max(SLICE_EVENTS, backlog // SLICES_OF_A_BACKLOG))
            for _ in range(turn):
                size += self._add(encoder, self._queue.popleft())
            # Give the interpreter lock away: CPython lets who waits for it wait 5 ms.
            time.sleep(0)

    def _add(self, encoder: EventEncoder, event: Event) -> int:
        """Add one event to the batch; return its bytes."""
        line, is_clean = encoder.encode(event)
        problem = problem_of(event.event_type, event.data, RULES)
        if problem is not None or not is_clean:
            self._errors.add_one()
            self._complain(event, problem or "held values that JSON cannot")
        if len(line) > MAX_EVENT_BYTES:
            self._dropped.add_one()
            self._complain(event, f"was dropped: it is larger than {MAX_EVENT_BYTES} bytes")
            return 0
        self._batch.append(line)
        return len(line)

    def _write(self) -> bool:
        outlet = self._outlet or self._ready_outlet()
        try:
            is_spooled = outlet.write(self._batch)
        except OSError as error:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self._complaints.make(WAITING, error)
            return False
        self._complaints.forget(WAITING)
        # One step for who reads the counters: sent and spooled before pending.
        self.sent += len(self._batch)
        if is_spooled:
            self.spooled += len(self._batch)
        self._batch = []
        return True

    def _ready_encoder(self) -> EventEncoder:
        try:
            self._producer = take_producer(self._settings)
        except OSError as error:
            self._complaints.make("the spool cannot be written", error)
            self._producer = unplaced_producer(self._settings)
        self._encoder = EventEncoder(self._producer.source, self._boot)
        return self._encoder

    def _ready_outlet(self) -> Outlet:
        settings = self._settings
        spool = None
        if settings.spool is not None:
            started = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
            spool = Spool(
                settings.spool,
                f"{started}-{settings.file_name}-{self._boot[:12]}",
                file_bytes=settings.file_bytes,
                cap_bytes=settings.spool_bytes,
                seal_seconds=settings.seal_seconds,
            )
        self._outlet = Outlet(self._stream, spool)
        return self._outlet

    def _complain(self, event: Event, problem: str) -> None:
        self._complaints.make(f"event {event.event_type}", problem, remember_why=True)
