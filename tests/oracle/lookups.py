"""Which query of a lookup decides: `fct_queries.is_lookup_result`."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from tests.oracle.events import Event, grouped

if TYPE_CHECKING:
    from collections.abc import Iterable

RETRY_WINDOW = timedelta(seconds=60)
NUMBER_FIELDS = {"query.order": "order_number", "query.tracking": "tracking_number"}


@dataclass(frozen=True)
class Query:
    """One order or tracking query."""

    event: Event
    is_lookup_result: bool

    @property
    def kind(self) -> Literal["order", "tracking"]:
        """What was looked up."""
        return "order" if self.event.name == "query.order" else "tracking"


def read_queries(events: Iterable[Event]) -> list[Query]:
    """Return all queries; the last attempt of each lookup is its result."""
    asked = [event for event in events if event.name in NUMBER_FIELDS]
    queries: list[Query] = []
    for group in grouped(asked, lookup_key).values():
        retried = [
            later.occurred_at - event.occurred_at <= RETRY_WINDOW
            for event, later in itertools.pairwise(group)
        ]
        followed = [*retried, False]
        queries += [Query(e, not f) for e, f in zip(group, followed, strict=True)]
    return queries


def lookup_key(event: Event) -> str:
    """Name the session, kind and number; a query without a number is a lookup of its own."""
    number = event.text(NUMBER_FIELDS[event.name])
    own = number is None or event.session_id is None
    parts = (event.producer, event.event_id) if own else (event.session_id, event.name, number)
    return repr((own, parts))
