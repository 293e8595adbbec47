"""The support KPIs of events and tickets in one period and slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.numbers import Row, distribution, present, rate, total_known

if TYPE_CHECKING:
    from tests.oracle.events import Event
    from tests.oracle.tickets import Ticket


def named(events: list[Event], name: str) -> list[Event]:
    """Return the events of one type."""
    return [event for event in events if event.name == name]


def event_numbers(events: list[Event]) -> Row:
    """Count and time events, each by its own time."""
    ai_messages = [event for event in events if event.is_ai_message()]
    times = [event.number("response_time_ms") for event in ai_messages]
    orders, trackings = (named(events, name) for name in ("query.order", "query.tracking"))
    return {
        "customer_messages": sum(event.is_customer_message() for event in events),
        "ai_messages": len(ai_messages),
        "agent_messages": len(named(events, "agent.session_message")),
        "ai_responses": len(present(times)),
        **distribution("ai_response_ms", times, 50, 90, 95),
        "order_queries": len(orders),
        **success("order_queries", "order_query", orders),
        "tracking_queries": len(trackings),
        **success("tracking_queries", "tracking_query", trackings),
        **call_numbers(named(events, "api.coze_call")),
        "api_errors": len(named(events, "api.error")),
    }


def success(plural: str, singular: str, events: list[Event]) -> Row:
    """Count those whose success is known, and the succeeded among them."""
    known = [flag for event in events if (flag := event.flag("success")) is not None]
    return {
        f"{plural}_known": len(known),
        f"{plural}_succeeded": sum(known),
        f"{singular}_success_rate": rate(sum(known), len(known)),
    }


def call_numbers(calls: list[Event]) -> Row:
    """Count and time calls of the AI; tokens are NULL until somebody reports them."""
    times = [call.number("response_time_ms") for call in calls]
    return {
        "coze_calls": len(calls),
        **success("coze_calls", "coze_call", calls),
        "coze_calls_timed": len(present(times)),
        **distribution("coze_call_ms", times, 50, 90, 95),
        "input_tokens": total_known(call.number("input_tokens") for call in calls),
        "output_tokens": total_known(call.number("output_tokens") for call in calls),
    }


def reopen_numbers(tickets: list[Ticket]) -> Row:
    """Say how many were reopened at all, of those ever resolved."""
    resolved = [ticket for ticket in tickets if ticket.first_resolved_at]
    reopened = sum(ticket.reopen_count > 0 for ticket in resolved)
    return {
        "ever_resolved_tickets": len(resolved),
        "reopened_tickets": reopened,
        "reopen_rate": rate(reopened, len(resolved)),
    }


def sla_numbers(prefix: str, states: list[str | None]) -> Row:
    """Say how many targets were met, of those decided."""
    met, breached = states.count("met"), states.count("breached")
    return {
        f"{prefix}_met_tickets": met,
        f"{prefix}_breached_tickets": breached,
        f"{prefix}_attainment_rate": rate(met, met + breached),
    }


def decided(prefix: str, states: list[str | None]) -> Row:
    """Say the same, and beside it what the rate rests on."""
    count = states.count("met") + states.count("breached")
    return {**sla_numbers(prefix, states), f"{prefix}_decided_tickets": count}


def ticket_numbers(created: list[Ticket], resolved: list[Ticket]) -> Row:
    """Count tickets by creation, and time those resolved by their resolution."""
    hours = [ticket.resolution_hours for ticket in resolved]
    return {
        "tickets_created": len(created),
        "tickets_resolved": len(resolved),
        **distribution("ticket_resolution_hours", hours, 50, 90),
        **decided("sla", [ticket.sla_status for ticket in created]),
        **decided("sla_response", [ticket.sla_response_status for ticket in created]),
        **reopen_numbers(created),
    }
