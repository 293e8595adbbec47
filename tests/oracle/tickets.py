"""One row per ticket: `fct_tickets`, with its statuses and its SLA clock."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.oracle.assumptions import Assumptions, SlaTarget, ticket_status_category
from tests.oracle.calendars import local_date, within_business_hours
from tests.oracle.durations import HOUR, MICROSECOND, Interval, clipped, in_unit, total
from tests.oracle.events import Event, first, grouped, last

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime, timedelta
    from fractions import Fraction
    from zoneinfo import ZoneInfo

CLOCK_RUNS_IN = ("open", "in_progress")
HISTORY = ("ticket.created", "ticket.status_changed", "ticket.closed")


@dataclass(frozen=True)
class TicketStatus:
    """One status of a ticket; the last has no end."""

    ticket_id: str
    status: str
    category: str
    agent_id: str | None
    started_at: datetime
    ended_at: datetime | None


@dataclass
class Ticket:
    """One ticket, read at as_of."""

    ticket_id: str
    events: list[Event]
    statuses: list[TicketStatus]
    as_of: datetime
    zone: ZoneInfo
    assumptions: Assumptions

    @property
    def _created(self) -> Event | None:
        return first(self.events, "ticket.created")

    @property
    def _closed(self) -> Event | None:
        return last(self.events, "ticket.closed")

    @property
    def session_id(self) -> str | None:
        """The session it came from."""
        return self._created.session_id if self._created else None

    @property
    def type(self) -> str | None:
        """What it is about."""
        return self._created.text("type") if self._created else None

    @property
    def priority(self) -> str | None:
        """How urgent it is; its SLA target depends on it."""
        return self._created.text("priority") if self._created else None

    @property
    def source(self) -> str | None:
        """Where it was opened."""
        return self._created.text("source") if self._created else None

    @property
    def created_by(self) -> str | None:
        """Who opened it."""
        return self._created.agent_id if self._created else None

    @property
    def created_at(self) -> datetime:
        """The ticket's first event, whatever it is."""
        return self.events[0].occurred_at

    @property
    def created_date(self) -> date:
        """Local day of `created_at`."""
        return local_date(self.created_at, self.zone)

    @property
    def is_created_observed(self) -> bool:
        """Whether a ticket.created has come."""
        return self._created is not None

    @property
    def _assignments(self) -> list[Event]:
        return [event for event in self.events if event.name == "ticket.assigned"]

    @property
    def first_assigned_at(self) -> datetime | None:
        """First ticket.assigned."""
        return self._assignments[0].occurred_at if self._assignments else None

    @property
    def assignee_id(self) -> str | None:
        """Whom the last ticket.assigned names."""
        return self._assignments[-1].text("to_agent_id") if self._assignments else None

    @property
    def assignment_count(self) -> int:
        """How often it was assigned."""
        return len(self._assignments)

    @property
    def first_response_at(self) -> datetime | None:
        """First change to a category that is not open: somebody acted."""
        acts = (
            event.occurred_at
            for event in self.events
            if event.name in ("ticket.status_changed", "ticket.closed")
            and ticket_status_category(new_status(event)) != "open"
        )
        return next(acts, None)

    @property
    def status(self) -> str:
        """The status now."""
        return self.statuses[-1].status

    @property
    def _resolved_entries(self) -> list[datetime]:
        """Instants at which the category becomes resolved and was not."""
        entries = []
        before = None
        for status in self.statuses:
            if status.category == "resolved" and before != "resolved":
                entries.append(status.started_at)
            before = status.category
        return entries

    @property
    def first_resolved_at(self) -> datetime | None:
        """First entry to category resolved."""
        return self._resolved_entries[0] if self._resolved_entries else None

    @property
    def resolved_at(self) -> datetime | None:
        """Entry to the run of category resolved that lasts until now."""
        return self._resolved_entries[-1] if self.statuses[-1].category == "resolved" else None

    @property
    def closed_at(self) -> datetime | None:
        """Last ticket.closed, while the status is closed."""
        return self._closed.occurred_at if self._closed and self.status == "closed" else None

    @property
    def reopen_count(self) -> int:
        """Moves from category resolved to another."""
        categories = [status.category for status in self.statuses]
        moves = itertools.pairwise(categories)
        return sum(left == "resolved" and right != "resolved" for left, right in moves)

    def spent_in(self, *categories: str, until: datetime) -> list[Interval]:
        """Return the intervals spent in these categories up to an instant."""
        spans = [
            (s.started_at, s.ended_at or max(s.started_at, self.as_of))
            for s in self.statuses
            if s.category in categories
        ]
        return clipped(spans, self.created_at, until)

    @property
    def resolution_hours(self) -> Fraction | None:
        """Calendar time to resolution."""
        return in_unit(self.resolved_at - self.created_at, HOUR) if self.resolved_at else None

    @property
    def net_resolution_hours(self) -> Fraction | None:
        """Running time of the SLA clock to resolution."""
        if self.resolved_at is None:
            return None
        return in_unit(total(self.spent_in(*CLOCK_RUNS_IN, until=self.resolved_at)), HOUR)

    @property
    def business_resolution_hours(self) -> Fraction | None:
        """What of the clock's running time lies in business hours."""
        if self.resolved_at is None:
            return None
        running = self.spent_in(*CLOCK_RUNS_IN, until=self.resolved_at)
        return in_unit(total(within_business_hours(running, self.assumptions, self.zone)), HOUR)

    @property
    def paused_hours(self) -> Fraction:
        """Time paused, up to resolution or as_of."""
        return in_unit(total(self.spent_in("paused", until=self.resolved_at or self.as_of)), HOUR)

    @property
    def target(self) -> SlaTarget | None:
        """The target of its priority in force on the day it was created."""
        return self.assumptions.sla_target(self.priority, self.created_date)

    @property
    def sla_breach_at(self) -> datetime | None:
        """The instant the clock's running time went over the target."""
        if self.target is None:
            return None
        left = hours(self.target.resolution_hours)
        for start, end in self.spent_in(*CLOCK_RUNS_IN, until=self.as_of):
            if end - start > left:
                return start + left
            left -= end - start
        return None

    @property
    def sla_status(self) -> str | None:
        """Breached once over the target; else met when resolved; else active."""
        if self.target is None:
            return None
        if self.sla_breach_at is not None:
            return "breached"
        return "met" if self.resolved_at else "active"

    @property
    def sla_response_status(self) -> str | None:
        """The same for the first response, in calendar time."""
        if self.target is None:
            return None
        answered = self.first_response_at
        if (answered or self.as_of) - self.created_at > hours(self.target.response_hours):
            return "breached"
        return "met" if answered else "active"

    @property
    def reported_sla_met(self) -> bool | None:
        """What the last ticket.closed says."""
        return self._closed.flag("sla_met") if self._closed else None

    @property
    def reported_resolution_hours(self) -> Fraction | None:
        """What the last ticket.closed says."""
        return self._closed.number("resolution_duration_hours") if self._closed else None

    @property
    def is_sla_disagreement(self) -> bool | None:
        """Whether report and count differ, where both have decided."""
        if self.reported_sla_met is None or self.sla_status not in ("met", "breached"):
            return None
        return self.reported_sla_met != (self.sla_status == "met")


def hours(number: Fraction) -> timedelta:
    """Return a length of whole microseconds."""
    return round(number * (HOUR // MICROSECOND)) * MICROSECOND


def new_status(event: Event) -> str:
    """Return the status that an event of the history brings."""
    if event.name == "ticket.status_changed":
        return str(event.text("to_status"))
    return "open" if event.name == "ticket.created" else "closed"


def read_tickets(
    events: Iterable[Event], as_of: datetime, zone: ZoneInfo, assumptions: Assumptions
) -> list[Ticket]:
    """Return one row per ticket_id that any ticket event has."""
    of_tickets = (event for event in events if event.name.startswith("ticket."))
    groups = grouped(of_tickets, lambda event: event.ticket_id)
    return [
        Ticket(ticket_id, group, read_statuses(ticket_id, group), as_of, zone, assumptions)
        for ticket_id, group in groups.items()
    ]


def read_statuses(ticket_id: str, events: list[Event]) -> list[TicketStatus]:
    """Follow the history; until it begins the ticket is open."""
    entries = [
        (event.occurred_at, new_status(event), event.agent_id)
        for event in events
        if event.name in HISTORY
    ]
    if events[0].name not in HISTORY:
        entries.insert(0, (events[0].occurred_at, "open", None))
    ends = [at for at, _, _ in entries[1:]] + [None]
    return [
        TicketStatus(ticket_id, status, ticket_status_category(status), agent_id, at, end)
        for (at, status, agent_id), end in zip(entries, ends, strict=True)
    ]
