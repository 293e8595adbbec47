"""One row per shift of an agent: `fct_agent_shifts`, with the statuses inside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from tests.oracle.assumptions import agent_status_category
from tests.oracle.calendars import local_date
from tests.oracle.durations import HOUR, MICROSECOND, MINUTE, Interval, clipped, in_unit, total
from tests.oracle.durations import union as united
from tests.oracle.events import Event, grouped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from fractions import Fraction
    from zoneinfo import ZoneInfo

    from tests.oracle.handlings import Handling

# Silence longer than this ends a shift; before a logout it may be as long as a shift can be.
LONGEST_SILENCE = 4 * HOUR
LONGEST_SILENCE_BEFORE_LOGOUT = 16 * HOUR
LONGEST_REPORTED_WORK = 16 * HOUR

EVIDENCE = ("agent.login", "agent.logout", "agent.status_change", "agent.heartbeat")
EndType = Literal["explicit", "inferred", "open"]


@dataclass(frozen=True)
class Status:
    """One status of a shift; `ended_at` is None while an open shift is in it."""

    status: str
    category: str
    started_at: datetime
    ended_at: datetime | None


@dataclass
class Shift:
    """One shift, measured from `started_at` to `ended_at`, an open one up to as_of."""

    agent_id: str
    shift_number: int
    events: list[Event]
    started_at: datetime
    started_date: date
    ended_at: datetime | None
    end_type: EndType
    measured_until: datetime
    statuses: list[Status]
    handlings: list[Handling] = field(default_factory=list)

    @property
    def is_start_observed(self) -> bool:
        """Whether it begins with a login."""
        return self.events[0].name == "agent.login"

    @property
    def shift_minutes(self) -> Fraction:
        """Length of the shift."""
        return in_unit(self.measured_until - self.started_at, MINUTE)

    def in_category(self, *categories: str) -> list[Interval]:
        """Return the intervals spent in these categories."""
        spans = [(s.started_at, s.ended_at or self.measured_until, s) for s in self.statuses]
        return [(start, end) for start, end, s in spans if s.category in categories]

    def minutes(self, category: str) -> Fraction:
        """Time spent in one category."""
        return in_unit(total(self.in_category(category)), MINUTE)

    @property
    def held(self) -> list[Interval]:
        """What the agent held of sessions inside the shift, one interval per handling."""
        spans = [
            (h.started_at, max(h.started_at, h.ended_at or self.measured_until))
            for h in self.handlings
        ]
        return clipped(spans, self.started_at, self.measured_until)

    @property
    def held_minutes(self) -> Fraction:
        """Time held, two sessions at once counting twice."""
        return in_unit(total(self.held), MINUTE)

    @property
    def held_union_minutes(self) -> Fraction:
        """Time in which anything was held."""
        return in_unit(total(united(self.held)), MINUTE)

    @property
    def held_working_minutes(self) -> Fraction:
        """Time in which anything was held, outside breaks."""
        held = united(self.held)
        breaks = self.in_category("break")
        on_break = sum((total(clipped(held, start, end)) for start, end in breaks), timedelta())
        return in_unit(total(held) - on_break, MINUTE)

    @property
    def occupancy_rate(self) -> Fraction | None:
        """Held time outside breaks, of the shift without its breaks."""
        working = self.shift_minutes - self.minutes("break")
        return self.held_working_minutes / working if working else None

    @property
    def concurrency(self) -> Fraction | None:
        """Sessions held at once, while any was."""
        return self.held_minutes / self.held_union_minutes if self.held_union_minutes else None

    @property
    def sessions_handled(self) -> int:
        """Sessions of handlings that one of this shift's events opened."""
        own = {id(event) for event in self.events}
        return len({h.session_id for h in self.handlings if id(h.opened) in own})

    @property
    def _logout(self) -> Event | None:
        return self.events[-1] if self.end_type == "explicit" else None

    @property
    def reported_work_minutes(self) -> Fraction | None:
        """What the logout that closes it says."""
        return self._logout.number("work_duration_minutes") if self._logout else None

    @property
    def reported_sessions_handled(self) -> Fraction | None:
        """What the logout that closes it says."""
        return self._logout.number("sessions_handled") if self._logout else None


def is_evidence(event: Event) -> bool:
    """Whether an event shows its agent at work."""
    if event.name in EVIDENCE or event.name.startswith("agent.session_"):
        return True
    return event.name == "ticket.status_changed" and event.agent_id is not None


def read_shifts(
    events: Iterable[Event], handlings: Iterable[Handling], as_of: datetime, zone: ZoneInfo
) -> list[Shift]:
    """Return the shifts of every agent, numbered from 1 in order."""
    held: dict[str, list[Handling]] = {}
    for handling in handlings:
        held.setdefault(handling.agent_id, []).append(handling)
    evidence = grouped(filter(is_evidence, events), lambda event: event.agent_id)
    shifts: list[Shift] = []
    for agent_id, group in evidence.items():
        shifts += agent_shifts(agent_id, split(group), as_of, zone)
    for shift in shifts:
        shift.handlings = held.get(shift.agent_id, [])
    return shifts


def split(evidence: list[Event]) -> list[list[Event]]:
    """Cut one agent's evidence, in order, into shifts."""
    shifts: list[list[Event]] = []
    for event in evidence:
        if not shifts or begins_shift(event, shifts[-1][-1]):
            shifts.append([])
        shifts[-1].append(event)
    return shifts


def begins_shift(event: Event, before: Event) -> bool:
    """Whether evidence begins a shift: a login, after a logout, or after a long silence."""
    if event.name == "agent.login" or before.name == "agent.logout":
        return True
    is_logout = event.name == "agent.logout"
    longest = LONGEST_SILENCE_BEFORE_LOGOUT if is_logout else LONGEST_SILENCE
    return event.occurred_at - before.occurred_at > longest


def agent_shifts(
    agent_id: str, groups: list[list[Event]], as_of: datetime, zone: ZoneInfo
) -> list[Shift]:
    """Read one agent's shifts, each from its own evidence."""
    shifts: list[Shift] = []
    for number, events in enumerate(groups, start=1):
        started_at = read_start(events, shifts[-1].ended_at if shifts else None)
        ended_at, end_type = read_end(events, as_of, is_last=number == len(groups))
        shifts.append(
            Shift(
                agent_id=agent_id,
                shift_number=number,
                events=events,
                started_at=started_at,
                started_date=local_date(started_at, zone),
                ended_at=ended_at,
                end_type=end_type,
                measured_until=ended_at or as_of,
                statuses=read_statuses(events, started_at, ended_at),
            )
        )
    return shifts


def read_start(events: list[Event], previous_end: datetime | None) -> datetime:
    """Start at the first evidence; a lone logout goes back by the work it reports."""
    logout = events[0]
    reported = logout.number("work_duration_minutes")
    if logout.name != "agent.logout" or reported is None:
        return logout.occurred_at
    work = round(reported * (MINUTE // MICROSECOND)) * MICROSECOND
    if not timedelta() <= work <= LONGEST_REPORTED_WORK:
        return logout.occurred_at
    start = logout.occurred_at - work
    return max(start, previous_end) if previous_end else start


def read_end(
    events: list[Event], as_of: datetime, *, is_last: bool
) -> tuple[datetime | None, EndType]:
    """End at the logout; else at the last evidence once nothing can follow; else open."""
    last = events[-1]
    if last.name == "agent.logout":
        return last.occurred_at, "explicit"
    if not is_last or as_of - last.occurred_at > LONGEST_SILENCE:
        return last.occurred_at, "inferred"
    return None, "open"


def read_statuses(
    events: list[Event], started_at: datetime, ended_at: datetime | None
) -> list[Status]:
    """Follow the statuses: `available` from a login, else `unknown`, then as they change."""
    changes = [
        (event.occurred_at, str(event.text("to_status")))
        for event in events
        if event.name == "agent.status_change"
    ]
    is_login = events[0].name == "agent.login"
    initial = (started_at, "available" if is_login else "unknown")
    entries = [(*initial, initial[1])]
    entries += [(at, status, agent_status_category(status)) for at, status in changes]
    ends = [at for at, _, _ in entries[1:]] + [ended_at]
    return [
        Status(status, category, at, end)
        for (at, status, category), end in zip(entries, ends, strict=True)
    ]
