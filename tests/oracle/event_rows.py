"""Facts of one row an event, and agents: as rows of the warehouse's tables, by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.events import Event, grouped
from tests.oracle.shifts import is_evidence

if TYPE_CHECKING:
    from tests.oracle.reading import Reading
    from tests.oracle.rows import Row, Rows

MESSAGES = ("session.message", "agent.session_message")


def event_rows(reading: Reading) -> dict[str, Rows]:
    """Return messages, escalations, AI calls, errors and agents by their warehouse names."""
    events = reading.facts.events
    return {
        "fct_messages": {identity(e): message_row(e) for e in events if e.name in MESSAGES},
        "fct_escalations": escalation_rows(events),
        "fct_ai_calls": {identity(e): call_row(e) for e in events if e.name == "api.coze_call"},
        "fct_api_errors": {identity(e): error_row(e) for e in events if e.name == "api.error"},
        "dim_agents": agent_rows(events),
    }


def identity(event: Event) -> tuple[object, ...]:
    """Return what makes an event unique."""
    return (event.producer, event.event_id)


def message_row(event: Event) -> Row:
    """Say who wrote; only agents have an id."""
    by_ai = "ai" if event.is_ai_message() else "agent"
    return {
        "sender": "customer" if event.is_customer_message() else by_ai,
        "session_id": event.session_id,
        "agent_id": event.agent_id,
        "occurred_at": event.occurred_at,
        "message_length": event.number("message_length"),
        "response_time_ms": event.number("response_time_ms"),
    }


def escalation_rows(events: list[Event]) -> Rows:
    """Number the escalations of each session in order."""
    escalations = [event for event in events if event.name == "session.escalate"]
    rows: Rows = {}
    for group in grouped(escalations, lambda event: event.session_id).values():
        for number, event in enumerate(group, start=1):
            rows[identity(event)] = {
                "session_id": event.session_id,
                "occurred_at": event.occurred_at,
                "reason": event.text("reason"),
                "severity": event.text("severity"),
                "trigger_keyword": event.text("trigger_keyword"),
                "escalation_number": number,
            }
    return rows


def call_row(event: Event) -> Row:
    """Say what one call of the AI took."""
    return {
        "session_id": event.session_id,
        "occurred_at": event.occurred_at,
        "workflow_id": event.text("workflow_id"),
        "response_time_ms": event.number("response_time_ms"),
        "success": event.flag("success"),
        "input_tokens": event.number("input_tokens"),
        "output_tokens": event.number("output_tokens"),
    }


def error_row(event: Event) -> Row:
    """Say where and how a call failed."""
    return {
        "session_id": event.session_id,
        "occurred_at": event.occurred_at,
        "endpoint": event.text("endpoint"),
        "error_type": event.text("error_type"),
    }


def agent_rows(events: list[Event]) -> Rows:
    """Agents by their evidence; the name is the latest that a login tells."""
    rows: Rows = {}
    for agent_id, evidence in grouped(filter(is_evidence, events), lambda e: e.agent_id).items():
        names = [event.text("agent_name") for event in evidence if event.name == "agent.login"]
        told = [name for name in names if name is not None]
        rows[agent_id,] = {
            "agent_name": told[-1] if told else None,
            "first_seen_at": evidence[0].occurred_at,
            "last_seen_at": evidence[-1].occurred_at,
        }
    return rows
