"""The whole reading: landed events in, every fact and mart of support out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.oracle.assumptions import Assumptions
from tests.oracle.events import Event, without_copies
from tests.oracle.lookups import Query, read_queries
from tests.oracle.losses import Loss, Rejected, read_losses
from tests.oracle.periods import By, Facts, Key, is_complete, is_mature, slices
from tests.oracle.savings import read_savings
from tests.oracle.sessions import read_sessions
from tests.oracle.shifts import Shift, read_shifts
from tests.oracle.tickets import read_tickets

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from tests.oracle.calendars import Grain
    from tests.oracle.numbers import Row


@dataclass(frozen=True)
class Reading:
    """All that the definitions say about one set of landed events."""

    facts: Facts
    shifts: list[Shift]
    queries: list[Query]
    losses: dict[tuple[str, date], Loss]
    assumptions: Assumptions = field(default_factory=Assumptions)

    def kpis(self, grain: Grain, by: By = "all") -> dict[Key, Row]:
        """Return the rows of one support_kpis table by period start and value."""
        return {
            key: part.kpis()
            | {
                "is_complete": is_complete(key[0], grain, self.facts),
                "is_mature": is_mature(key[0], grain, self.facts),
            }
            for key, part in slices(self.facts, grain, by).items()
        }

    def savings(self, grain: Grain) -> dict[Key, Row]:
        """Return the rows of one cost_savings table by period start."""
        return {
            key: read_savings(part, self.facts.zone, self.assumptions)
            for key, part in slices(self.facts, grain, "all").items()
        }


def read(
    landed: Iterable[Event],
    zone: ZoneInfo,
    assumptions: Assumptions | None = None,
    *,
    as_of: datetime | None = None,
    rejected: Iterable[Rejected] = (),
) -> Reading:
    """Read landed events; without `as_of` it is the latest of them, and none is later."""
    assumptions = assumptions or Assumptions()
    events = without_copies(landed)
    if as_of is None:
        as_of = max(event.occurred_at for event in events)
    events = [event for event in events if event.occurred_at <= as_of]
    sessions = read_sessions(events, as_of, zone)
    handlings = [handling for session in sessions for handling in session.handlings]
    return Reading(
        facts=Facts(events, sessions, read_tickets(events, as_of, zone, assumptions), as_of, zone),
        shifts=read_shifts(events, handlings, as_of, zone),
        queries=read_queries(events),
        losses=read_losses(events, set(rejected), zone),
        assumptions=assumptions,
    )
