"""Queued events to lines, lines to batches, batches to the outlet."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from casebook_tracking.checking import problem_of
from casebook_tracking.complaints import Complaints
from casebook_tracking.encoding import Event, EventEncoder
from casebook_tracking.outlets import Outlet
from casebook_tracking.producers import Producer, take_producer, unplaced_producer
from casebook_tracking.spools import Spool, SpoolGoneError
from casebook_tracking.support_events import RULES

if TYPE_CHECKING:
    from collections import deque

    from casebook_tracking.counters import Numbers
    from casebook_tracking.redis_streams import Stream
    from casebook_tracking.settings import TrackerSettings

# The writer gives the interpreter away after each turn, and keeps it for as long as some sixty
# events take, or for a share of what it has just waited for it: little in a service that waits
# itself, and enough beside threads that compute without a pause, each of which keeps it for 5 ms.
# Shorter turns cost the service more than they give: each is two changes of threads.
TURN_SECONDS = 0.000_5
TURN_SHARE = 0.25
# How long a batch may take to fill, most of it waiting for turns.
FILL_SECONDS = 0.25
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
        numbers: Numbers,
    ) -> None:
        self._settings = settings
        self._boot = boot
        self._queue = queue
        self._stream = stream
        self._numbers = numbers
        self._complaints = Complaints()
        self._batch: list[bytes] = []
        self._producer: Producer | None = None
        self._encoder: EventEncoder | None = None
        self._outlet: Outlet | None = None
        self._retry_at = 0.0
        self._turn_seconds = TURN_SECONDS
        self._taken = 0
        self._reported = (0, 0)
        self.sent = 0
        self.spooled = 0

    def pending(self) -> int:
        """Events in the retained batch."""
        return len(self._batch)

    def mark(self) -> int:
        """Return what `has_written` needs to tell whether what is queued now is out."""
        return len(self._queue) + self._taken

    def queued(self) -> int:
        """Events that wait to be taken."""
        return len(self._queue)

    def has_written(self, mark: int) -> bool:
        """Whether all that was queued at the mark is written, or dropped."""
        return not self._batch and (self._taken >= mark or not self._queue)

    def write_some(self, *, is_urgent: bool) -> bool:
        """Write one batch of what is queued; return whether the next is there already."""
        if not is_urgent and time.monotonic() < self._retry_at:
            return False
        has_left_some = self._fill(is_urgent=is_urgent)
        return (not self._batch or self._write()) and has_left_some

    def add_heartbeat(self) -> None:
        """Report the counters before anything queued, if they changed since the last time."""
        # Read before the number is taken: each drop it declares has a lower one.
        dropped = self._numbers.dropped.value()
        if (self.sent, dropped) != self._reported:
            self._add_heartbeat(self._numbers.next_sequence(), dropped)

    def add_last_heartbeat(self) -> None:
        """Report the end: what has a number and was not sent is dropped. Nothing is queued.

        By subtraction, because a thread may hold a number and not have counted its drop.
        """
        sequence = self._numbers.next_sequence()
        dropped = sequence - 1 - self.sent
        if (self.sent, dropped) != self._reported:
            self._add_heartbeat(sequence, dropped)

    def give_up(self) -> int:
        """Drop what is not written; return how many events."""
        count, self._batch = len(self._batch), []
        while self._queue:
            self._queue.popleft()
            count += 1
        self._numbers.dropped.add(count)
        return count

    def seal(self, *, is_asked: bool) -> bool:
        """Seal the spool's file when it is due or asked for; False when it cannot be."""
        if self._outlet is None:
            return True
        try:
            if is_asked:
                self._outlet.seal()
            else:
                self._outlet.seal_if_due()
        except SpoolGoneError as error:
            self.sent -= error.lost_lines
            self.spooled -= error.lost_lines
            self._numbers.dropped.add(error.lost_lines)
            self._complaints.make("events were removed from the spool unsealed", error)
            return False
        except OSError as error:
            self._complaints.make("the spool cannot be sealed", error)
            return False
        return True

    def abandon(self) -> None:
        """Close the files and give the producer's name back, write nothing.

        At the end; and in a forked child, for its copies of the parent's.
        """
        if self._outlet is not None:
            self._outlet.abandon()
        if self._producer is not None:
            self._producer.release()

    def close(self) -> None:
        """Close the connection as well: not in a child, whose parent still uses it."""
        if self._stream is not None:
            self._stream.close()
        self.abandon()

    def _fill(self, *, is_urgent: bool) -> bool:
        """Take events until the batch is full, the time over or none left; whether some are left.

        A full batch gives no turn away, its write does: the next one goes on with turns as long.
        """
        size = sum(map(len, self._batch))
        started = now = time.monotonic()
        while self._has_room(size) and now - started < FILL_SECONDS:
            turn_until = math.inf if is_urgent else now + self._turn_seconds
            while self._has_room(size) and time.monotonic() < turn_until:
                size += self._take()
            if self._has_room(size):
                self._turn_seconds = max(TURN_SECONDS, TURN_SHARE * _wait_for_a_turn())
            now = time.monotonic()
        if not self._queue:
            self._turn_seconds = TURN_SECONDS
        return bool(self._queue)

    def _has_room(self, size: int) -> bool:
        return bool(self._queue) and len(self._batch) < BATCH_EVENTS and size < BATCH_BYTES

    def _take(self) -> int:
        """Move one event from the queue to the batch; return its bytes."""
        # Counted first: a mark made in between may be late by one, never early.
        self._taken += 1
        event = self._queue.popleft()
        try:
            return self._add(event)
        except BaseException:  # noqa: BLE001 - foreign code: whatever fails, the gap is declared
            self._numbers.errors.add()
            self._numbers.dropped.add()
            return 0

    def _add(self, event: Event) -> int:
        encoder = self._encoder or self._ready_encoder()
        line, is_clean = encoder.encode(event)
        problem = problem_of(event.event_type, event.data, RULES)
        if problem is not None or not is_clean:
            self._numbers.errors.add()
            self._complain(event, problem or "held values that JSON cannot")
        if len(line) > MAX_EVENT_BYTES:
            self._numbers.dropped.add()
            self._complain(event, f"was dropped: it is larger than {MAX_EVENT_BYTES} bytes")
            return 0
        self._batch.append(line)
        return len(line)

    def _add_heartbeat(self, sequence: int, dropped: int) -> None:
        counts = {
            "sent": self.sent,
            "spooled": self.spooled,
            "dropped": dropped,
            "errors": self._numbers.errors.value(),
        }
        # The heartbeat itself will be sent too.
        self._reported = (self.sent + 1, dropped)
        self._add(Event(time.time_ns(), sequence, "tracker.heartbeat", counts))

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


def _wait_for_a_turn() -> float:
    """Let other threads have the interpreter first; return how many seconds they kept it.

    Without a system call in between, CPython lets who waits for it wait 5 ms.
    """
    started = time.monotonic()
    time.sleep(0)
    return time.monotonic() - started
