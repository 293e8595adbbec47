"""Counts of what became of the events, exact across threads without a lock."""

from __future__ import annotations

import itertools
import operator
import sys
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
    """A counter that any thread, and any signal handler, may raise and read without waiting.

    `next()` of an `itertools.repeat` is one atomic step where `+= 1` is three, and its length
    hint tells what is left. A lock would be held by the thread that a signal interrupts.
    """

    def __init__(self) -> None:
        self._left = itertools.repeat(None, sys.maxsize)

    def add(self, count: int = 1) -> None:
        """Count one more, or several."""
        for _ in range(count):
            next(self._left)

    def value(self) -> int:
        """Return what was added."""
        return sys.maxsize - operator.length_hint(self._left)


class Numbers:
    """The numbers of one boot, for any thread: the next sequence, and what went wrong."""

    def __init__(self) -> None:
        self.next_sequence = itertools.count(1).__next__
        self.dropped = AtomicCount()
        self.errors = AtomicCount()
