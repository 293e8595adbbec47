"""Marts that break one subject down: queries, escalations, calls, errors, tickets by SLA."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.oracle.calendars import local_date, period_start
from tests.oracle.durations import HOUR, in_unit
from tests.oracle.event_kpis import call_numbers, reopen_numbers, sla_numbers
from tests.oracle.numbers import Row, distribution, percentile, present, rate
from tests.oracle.periods import UNKNOWN, is_complete, is_mature

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator
    from datetime import date
    from fractions import Fraction
    from typing import Literal, TypeVar

    from tests.oracle.calendars import Grain
    from tests.oracle.events import Event
    from tests.oracle.lookups import Query
    from tests.oracle.periods import Facts
    from tests.oracle.reading import Reading
    from tests.oracle.tickets import Ticket

    Item = TypeVar("Item")

Breakdown = dict[tuple[object, ...], Row]


def breakdowns(reading: Reading) -> dict[str, Breakdown]:
    """Return these marts by their warehouse names; only what occurs has a row."""
    facts = reading.facts

    def of(name: str) -> list[Event]:
        return [event for event in facts.events if event.name == name]

    def by_day(event: Event, *fields: str) -> tuple[Hashable, ...]:
        values = (event.text(field) or UNKNOWN for field in fields)
        return (local_date(event.occurred_at, facts.zone), *values)

    return {
        "query_success_daily": grouped(
            facts,
            reading.queries,
            lambda query: (
                *by_day(query.event),
                query.kind,
                query.event.text("carrier") or UNKNOWN,
            ),
            query_numbers,
        ),
        "ai_latency_daily": grouped(
            facts, of("api.coze_call"), lambda call: by_day(call, "workflow_id"), call_numbers
        ),
        "api_errors_daily": grouped(
            facts,
            of("api.error"),
            lambda error: by_day(error, "endpoint", "error_type"),
            error_numbers,
        ),
        "escalations_daily": grouped(
            facts,
            of("session.escalate"),
            lambda event: (
                *by_day(event, "reason", "severity"),
                event.text("trigger_keyword") or "none",
            ),
            lambda escalations: escalation_numbers(facts, escalations),
        ),
        "ticket_sla_monthly": grouped(
            facts,
            ticket_turns(facts),
            lambda turn: (
                period_start(turn.day, "month"),
                turn.ticket.type or UNKNOWN,
                turn.ticket.priority or UNKNOWN,
            ),
            lambda turns: ticket_sla_numbers(
                [turn.ticket for turn in turns if turn.name == "creation"],
                [turn.ticket for turn in turns if turn.name == "resolution"],
            ),
            grain="month",
        ),
    }


def grouped(
    facts: Facts,
    items: Iterable[Item],
    key: Callable[[Item], tuple[Hashable, ...]],
    numbers: Callable[[list[Item]], Row],
    *,
    grain: Grain = "day",
) -> Breakdown:
    """Group items by a key that begins with the period's first day, and compute each group."""
    groups = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    rows: Breakdown = {}
    for values, group in groups.items():
        start = period_start(values[0], grain)  # type: ignore[arg-type]
        rows[values] = numbers(group) | {
            "is_complete": is_complete(start, grain, facts),
            "is_mature": is_mature(start, grain, facts),
        }
    return rows


def query_numbers(queries: list[Query]) -> Row:
    """Count queries, and the lookups that end among them."""
    lookups = [query for query in queries if query.is_lookup_result]
    known, lookups_known = (
        [flag for query in some if (flag := query.event.flag("success")) is not None]
        for some in (queries, lookups)
    )
    times = [query.event.number("response_time_ms") for query in queries]
    return {
        "queries": len(queries),
        "queries_known": len(known),
        "queries_succeeded": sum(known),
        "query_success_rate": rate(sum(known), len(known)),
        "lookups": len(lookups),
        "lookups_known": len(lookups_known),
        "lookups_succeeded": sum(lookups_known),
        "lookup_success_rate": rate(sum(lookups_known), len(lookups_known)),
        "retries": len(queries) - len(lookups),
        "queries_timed": len(present(times)),
        **distribution("response_ms", times, 50, 90, 95),
    }


def error_numbers(errors: list[Event]) -> Row:
    """Count errors and the sessions they hit."""
    return {
        "api_errors": len(errors),
        "affected_sessions": len({error.session_id for error in errors} - {None}),
    }


def escalation_numbers(facts: Facts, escalations: list[Event]) -> Row:
    """Count escalations, the sessions they escalated first, and what became of these."""
    sessions = {session.session_id: session for session in facts.sessions}
    escalated = [sessions[str(event.session_id)] for event in escalations]
    firsts = [s for s, e in zip(escalated, escalations, strict=True) if s.escalation is e]
    outcomes = [session.outcome for session in firsts]
    return {
        "escalations": len(escalations),
        "escalated_sessions": len(firsts),
        "human_sessions": outcomes.count("human"),
        "queue_abandoned_sessions": outcomes.count("queue_abandoned"),
    }


@dataclass(frozen=True)
class Turn:
    """One of the two days that a ticket counts on."""

    ticket: Ticket
    name: Literal["creation", "resolution"]
    day: date


def ticket_turns(facts: Facts) -> Iterator[Turn]:
    """Yield each ticket's creation, and its resolution if it is resolved now."""
    for ticket in facts.tickets:
        yield Turn(ticket, "creation", local_date(ticket.created_at, facts.zone))
        if ticket.resolved_at:
            yield Turn(ticket, "resolution", local_date(ticket.resolved_at, facts.zone))


def ticket_sla_numbers(created: list[Ticket], resolved: list[Ticket]) -> Row:
    """Hold the created against their targets; durations are those of the resolved."""
    states = [ticket.sla_status for ticket in created]
    responses = [
        in_unit(ticket.first_response_at - ticket.created_at, HOUR)
        for ticket in created
        if ticket.first_response_at
    ]
    disagreements = [ticket.is_sla_disagreement for ticket in created]
    return {
        "tickets_created": len(created),
        **sla_numbers("sla", states),
        "sla_active_tickets": states.count("active"),
        **sla_numbers("sla_response", [ticket.sla_response_status for ticket in created]),
        "sla_reported_tickets": sum(flag is not None for flag in disagreements),
        "sla_disagreement_tickets": sum(flag is True for flag in disagreements),
        "first_responses": len(responses),
        **halves("first_response_hours", responses),
        "tickets_resolved": len(resolved),
        **halves("resolution_hours", [t.resolution_hours for t in resolved]),
        **halves("net_resolution_hours", [t.net_resolution_hours for t in resolved]),
        **halves("business_resolution_hours", [t.business_resolution_hours for t in resolved]),
        **reopen_numbers(created),
    }


def halves(name: str, values: Iterable[Fraction | None]) -> Row:
    """Return median and 90th percentile."""
    known = present(values)
    return {f"{name}_p{percent}": percentile(known, percent) for percent in (50, 90)}
