"""What each agent did in a period: `agent_performance_daily` and `_monthly`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracle.calendars import local_date, period_start
from tests.oracle.durations import SECOND, in_unit
from tests.oracle.event_kpis import sla_numbers
from tests.oracle.numbers import Row, distribution, present, rate
from tests.oracle.periods import dense_periods, is_complete, is_mature

if TYPE_CHECKING:
    from datetime import date

    from tests.oracle.calendars import Grain
    from tests.oracle.handlings import Handling
    from tests.oracle.reading import Reading
    from tests.oracle.shifts import Shift
    from tests.oracle.tickets import Ticket

CATEGORIES = ("available", "busy", "break", "other", "unknown")


@dataclass
class Work:
    """One agent's shifts and handlings by their start; tickets by creation, and by resolution."""

    shifts: list[Shift] = field(default_factory=list)
    handlings: list[Handling] = field(default_factory=list)
    created: list[Ticket] = field(default_factory=list)
    resolved: list[Ticket] = field(default_factory=list)


def read_performance(reading: Reading, grain: Grain) -> dict[tuple[date, str], Row]:
    """Return one row per period and agent who has anything dated there."""
    facts = reading.facts
    known = set(dense_periods(facts, grain))
    work: dict[tuple[date, str], Work] = defaultdict(Work)
    for shift in reading.shifts:
        work[period_start(shift.started_date, grain), shift.agent_id].shifts.append(shift)
    for session in facts.sessions:
        for handling in session.handlings:
            day = local_date(handling.started_at, facts.zone)
            work[period_start(day, grain), handling.agent_id].handlings.append(handling)
    for ticket in facts.tickets:
        if ticket.assignee_id is None:
            continue
        work[period_start(ticket.created_date, grain), ticket.assignee_id].created.append(ticket)
        if ticket.resolved_at:
            day = local_date(ticket.resolved_at, facts.zone)
            work[period_start(day, grain), ticket.assignee_id].resolved.append(ticket)
    return {
        key: {
            **shift_numbers(done.shifts),
            **handling_numbers(done.handlings),
            "tickets_resolved": len(done.resolved),
            **sla_numbers("sla", [ticket.sla_status for ticket in done.created]),
            "is_complete": is_complete(key[0], grain, facts),
            "is_mature": is_mature(key[0], grain, facts),
        }
        for key, done in work.items()
        # A lone logout may begin a shift on a day before any event: no table has that day.
        if key[0] in known
    }


def shift_numbers(shifts: list[Shift]) -> Row:
    """Add up shifts; rates are of sums."""

    def total(values: list[Fraction]) -> Fraction:
        return sum(values, Fraction())

    minutes = {name: total([s.minutes(name) for s in shifts]) for name in CATEGORIES}
    length = total([s.shift_minutes for s in shifts])
    held = total([s.held_minutes for s in shifts])
    union = total([s.held_union_minutes for s in shifts])
    working = total([s.held_working_minutes for s in shifts])
    return {
        "shifts": len(shifts),
        "unfinished_shifts": sum(s.end_type == "inferred" for s in shifts),
        "shift_minutes": length,
        **{f"{name}_minutes": value for name, value in minutes.items()},
        "held_minutes": held,
        "held_union_minutes": union,
        "held_working_minutes": working,
        "occupancy_rate": rate(working, length - minutes["break"]),
        "concurrency": rate(held, union),
    }


def handling_numbers(handlings: list[Handling]) -> Row:
    """Count and time handlings."""
    answers = [
        in_unit(h.first_message_at - h.started_at, SECOND) if h.first_message_at else None
        for h in handlings
    ]
    lengths = [h.handle_seconds for h in handlings]
    closed_by = [h.closed_by for h in handlings]
    return {
        "handlings": len(handlings),
        "sessions_handled": len({h.session_id for h in handlings}),
        "transferred_handlings": closed_by.count("transfer") + closed_by.count("implicit_transfer"),
        "timed_out_handlings": closed_by.count("timeout"),
        "silent_handlings": sum(h.agent_message_count == 0 for h in handlings),
        "agent_messages": sum(h.agent_message_count for h in handlings),
        "first_responses": len(present(answers)),
        **distribution("first_response_seconds", answers, 50, 90),
        "closed_handlings": len(present(lengths)),
        **distribution("handle_seconds", lengths, 50, 90),
    }
