"""Trackers that write nothing: for tests, and for a service that is told not to track."""

from __future__ import annotations

import time
from typing import NamedTuple

from casebook_tracking.base import BaseTracker
from casebook_tracking.checking import problem_of
from casebook_tracking.counters import Counters
from casebook_tracking.support_events import RULES


class NoopTracker(BaseTracker):
    """Takes events and forgets them."""

    def flush(self, timeout: float = 2.0) -> bool:
        """Nothing to wait for."""
        return True

    def close(self, timeout: float | None = None) -> bool:
        """Nothing to end."""
        return True

    @property
    def counters(self) -> Counters:
        """Zeros."""
        return Counters(0, 0, 0, 0, 0)

    def _record(self, event_type: str, data: object) -> None:
        """Forget the event."""


class RecordedEvent(NamedTuple):
    """An event as it was tracked. `problem`: what it breaks in the catalogue, or None."""

    time_ns: int
    event_type: str
    data: object
    problem: str | None


class MemoryTracker(NoopTracker):
    """Keeps events in `events`, so that a test can look at them."""

    def __init__(self) -> None:
        self.events: list[RecordedEvent] = []

    @property
    def counters(self) -> Counters:
        """All are sent; those with a problem are errors."""
        errors = sum(event.problem is not None for event in self.events)
        return Counters(len(self.events), 0, 0, errors, 0)

    def of_type(self, event_type: str) -> list[object]:
        """Return the data of the events of one type, in order."""
        return [event.data for event in self.events if event.event_type == event_type]

    def _record(self, event_type: str, data: object) -> None:
        problem = problem_of(event_type, data, RULES)
        self.events.append(RecordedEvent(time.time_ns(), event_type, data, problem))
