"""Counts of what became of the events, exact across threads without a lock."""

from __future__ import annotations

import itertools
import threading
from typing import NamedTuple


class Counters(NamedTuple):
    """What became of the events of one process since its boot.

    Every event tracked is in exactly one of `sent`, `dropped` and `queued`; `spooled`
    is the part of `sent` that went to disk. `errors` counts events that broke the
    catalogue or could not be written as they were (they are sent nevertheless, unless
    they are too large).
    """

    sent: int
    spooled: int
    dropped: int
    errors: int
    queued: int


class AtomicCount:
    """A counter that any thread, and any signal handler, may raise without waiting.

    `next()` of an `itertools.count` is one atomic step where `+= 1` is three. Reading
    takes a number too, so the reader subtracts how often it has read.
    """

    def __init__(self) -> None:
        numbers = itertools.count()
        self._add_one = numbers.__next__
        self._reads = 0
        self._reading = threading.Lock()

    def add(self, count: int = 1) -> None:
        """Count one more, or several."""
        for _ in range(count):
            self._add_one()

    def value(self) -> int:
        """Return what was added."""
        with self._reading:
            total = self._add_one() - self._reads
            self._reads += 1
            return total


class Numbers:
    """The numbers of one boot, for any thread: the next sequence, and what went wrong."""

    def __init__(self) -> None:
        self.next_sequence = itertools.count(1).__next__
        self.dropped = AtomicCount()
        self.errors = AtomicCount()
