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
        self.add_one = numbers.__next__
        self._reads = 0
        self._reading = threading.Lock()

    def value(self) -> int:
        """How often `add_one` was called."""
        with self._reading:
            total = self.add_one() - self._reads
            self._reads += 1
            return total
