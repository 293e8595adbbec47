"""All hand-worked vectors, and the event that sets their common as_of."""

from __future__ import annotations

from tests.golden import handlings, periods, sessions, shifts, tickets
from tests.golden.stories import AS_OF, Vector
from tests.oracle.events import Event

ALL: list[Vector] = [
    *sessions.ALL,
    *handlings.ALL,
    *shifts.ALL,
    *tickets.ALL,
    *periods.ALL,
]

LATEST = Event(AS_OF, "tracker.heartbeat", "/golden", "as-of")


def all_events() -> list[Event]:
    """Return the events of every vector, and the latest."""
    return [event for vector in ALL for event in vector.events] + [LATEST]
