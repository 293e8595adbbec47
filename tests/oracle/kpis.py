"""The support KPIs of one period and slice: a row of any `support_kpis_*` table."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracle.durations import SECOND, in_unit
from tests.oracle.numbers import average, percentile, present, rate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.oracle.events import Event
    from tests.oracle.sessions import Session
    from tests.oracle.tickets import Ticket

Value = int | Fraction | None
Row = dict[str, Value]

SERVICE_LEVEL_SECONDS = 30
# Who gives up sooner than this never waited.
SHORTEST_ABANDONMENT_SECONDS = 5


@dataclass
class Slice:
    """What one row counts: sessions by start, events by their time, tickets by both dates."""

    sessions: list[Session] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    created: list[Ticket] = field(default_factory=list)
    resolved: list[Ticket] = field(default_factory=list)


def read_kpis(part: Slice) -> Row:
    """Compute every KPI of one slice."""
    return {
        **session_counts(part.sessions),
        **session_rates(part.sessions),
        **session_times(part.sessions),
        **event_numbers(part.events),
        **ticket_numbers(part.created, part.resolved),
    }


def is_durable_eligible(session: Session) -> bool:
    """Engaged, ended, mature, and with a customer who could be seen again."""
    has_ended = session.end_type != "open"
    return session.is_engaged and has_ended and knows_repeat(session)


def knows_repeat(session: Session) -> bool:
    """Whether the 72 hours are over and the customer is known."""
    return session.is_mature is True and session.customer_id is not None


def is_durable(session: Session) -> bool:
    """Eligible, resolved by the AI, and nobody came back."""
    return (
        is_durable_eligible(session)
        and session.outcome == "ai_resolved"
        and session.is_repeat_within_72h is False
    )


def is_escalated_or_human(session: Session) -> bool:
    """Tell whether an engaged session left the AI."""
    return session.is_engaged and (session.escalation is not None or session.outcome == "human")


def waited_in_vain(session: Session) -> bool:
    """Abandoned in the queue, after at least five seconds in it."""
    if session.outcome != "queue_abandoned":
        return False
    if session.ended_at is None or session.escalated_at is None:
        return False
    waited = in_unit(session.ended_at - session.escalated_at, SECOND)
    return waited >= SHORTEST_ABANDONMENT_SECONDS


def session_counts(sessions: list[Session]) -> Row:
    """Count sessions by outcome and kind."""
    outcomes = [session.outcome for session in sessions]
    engaged = [session for session in sessions if session.is_engaged]
    silent = [s for s in sessions if s.outcome == "human" and s.agent_message_count == 0]
    explicit = [s for s in sessions if s.outcome == "ai_resolved" and s.end_type == "explicit"]
    return {
        "sessions": len(sessions),
        "engaged_sessions": len(engaged),
        "engaged_ended_sessions": sum(s.end_type != "open" for s in engaged),
        "ai_resolved_sessions": outcomes.count("ai_resolved"),
        "ai_resolved_explicit_sessions": len(explicit),
        "ai_abandoned_sessions": outcomes.count("ai_abandoned"),
        "queue_abandoned_sessions": outcomes.count("queue_abandoned"),
        "human_sessions": outcomes.count("human"),
        "human_silent_sessions": len(silent),
        "empty_sessions": outcomes.count("empty"),
        "open_sessions": outcomes.count("open"),
        "escalated_sessions": sum(s.escalation is not None for s in sessions),
        "escalated_or_human_sessions": sum(map(is_escalated_or_human, sessions)),
        "durable_eligible_sessions": sum(map(is_durable_eligible, sessions)),
        "ai_durable_sessions": sum(map(is_durable, sessions)),
        "unique_customers": len({s.customer_id for s in sessions} - {None}),
    }


def session_rates(sessions: list[Session]) -> Row:
    """Divide counts of sessions."""
    count = session_counts(sessions)
    ended = [s for s in sessions if s.end_type != "open"]
    engaged_ended = sum(s.is_engaged for s in ended)
    resolved = sum(s.outcome == "ai_resolved" for s in sessions)
    contained = resolved + sum(s.outcome == "ai_abandoned" for s in sessions)
    escalated_ended = sum(s.escalation is not None for s in ended)
    abandoned = sum(s.outcome == "queue_abandoned" for s in sessions)
    waits = present(s.queue_wait_seconds for s in sessions)
    in_time = sum(wait <= SERVICE_LEVEL_SECONDS for wait in waits)
    asked_for = len(waits) + sum(map(waited_in_vain, sessions))
    scores = present(s.rating_score for s in sessions)
    durable, eligible = (sum(map(f, sessions)) for f in (is_durable, is_durable_eligible))
    return {
        "escalation_rate": rate(
            sum(map(is_escalated_or_human, sessions)), count["engaged_sessions"] or 0
        ),
        "ai_containment_rate": rate(contained, engaged_ended),
        "ai_resolution_rate": rate(resolved, engaged_ended),
        "ai_durable_resolution_rate": rate(durable, eligible),
        "service_level_30s": rate(in_time, asked_for),
        "queue_abandonment_rate": rate(abandoned, escalated_ended),
        "rating_avg": average(scores),
        "rating_count": len(scores),
    }


def distribution(name: str, values: Iterable[Fraction | None], *percents: int) -> Row:
    """Return average and percentiles over rows that have a value."""
    rows = present(values)
    percentiles = {f"{name}_p{percent}": percentile(rows, percent) for percent in percents}
    return {f"{name}_avg": average(rows), **percentiles}


def session_times(sessions: list[Session]) -> Row:
    """Describe the sessions' waits and lengths, one value a session."""
    responses = [s.agent_first_response_seconds for s in sessions]
    return {
        **distribution("queue_wait_seconds", [s.queue_wait_seconds for s in sessions], 50, 90),
        **distribution("agent_first_response_seconds", responses, 50, 90, 95),
        **distribution("handle_seconds", [s.handle_seconds for s in sessions], 50, 90, 95),
    }


def success_rate(events: list[Event]) -> Fraction | None:
    """Succeeded, of those whose success is known."""
    known = [flag for event in events if (flag := event.flag("success")) is not None]
    return rate(sum(known), len(known))


def event_numbers(events: list[Event]) -> Row:
    """Count and time events."""

    def named(name: str) -> list[Event]:
        return [event for event in events if event.name == name]

    ai_messages = [event for event in events if event.is_ai_message()]
    orders, trackings = named("query.order"), named("query.tracking")
    calls = named("api.coze_call")
    times = [event.number("response_time_ms") for event in ai_messages]
    return {
        "customer_messages": sum(event.is_customer_message() for event in events),
        "ai_messages": len(ai_messages),
        "agent_messages": len(named("agent.session_message")),
        **distribution("ai_response_ms", times, 50, 90, 95),
        "order_queries": len(orders),
        "order_query_success_rate": success_rate(orders),
        "tracking_queries": len(trackings),
        "tracking_query_success_rate": success_rate(trackings),
        "coze_calls": len(calls),
        "coze_call_success_rate": success_rate(calls),
        "coze_call_ms_p95": percentile(present(c.number("response_time_ms") for c in calls), 95),
        "api_errors": len(named("api.error")),
    }


def reopen_rate(tickets: list[Ticket]) -> Fraction | None:
    """Reopened at all, of those ever resolved."""
    resolved = [ticket for ticket in tickets if ticket.first_resolved_at]
    return rate(sum(ticket.reopen_count > 0 for ticket in resolved), len(resolved))


def ticket_numbers(created: list[Ticket], resolved: list[Ticket]) -> Row:
    """Count tickets by creation, and time those resolved by their resolution."""
    states = [ticket.sla_status for ticket in created]
    met, breached = states.count("met"), states.count("breached")
    hours = [ticket.resolution_hours for ticket in resolved]
    return {
        "tickets_created": len(created),
        "tickets_resolved": len(resolved),
        **distribution("ticket_resolution_hours", hours, 50, 90),
        "sla_met_tickets": met,
        "sla_breached_tickets": breached,
        "sla_attainment_rate": rate(met, met + breached),
        "reopen_rate": reopen_rate(created),
    }
