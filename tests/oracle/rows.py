"""The reading as rows of the warehouse's tables: column name to value, by key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.breakdowns import breakdowns
from tests.oracle.calendars import local_date
from tests.oracle.events import last
from tests.oracle.losses import Loss
from tests.oracle.performance import read_performance
from tests.oracle.reports import quality_counts

if TYPE_CHECKING:
    from datetime import date

    from tests.oracle.calendars import Grain
    from tests.oracle.handlings import Handling
    from tests.oracle.numbers import Value
    from tests.oracle.periods import By
    from tests.oracle.reading import Reading
    from tests.oracle.sessions import Session
    from tests.oracle.shifts import Shift
    from tests.oracle.tickets import Ticket

Row = dict[str, object]
Rows = dict[tuple[object, ...], Row]

SESSION_COLUMNS = [
    "channel",
    "site",
    "started_at",
    "is_start_observed",
    "last_activity_at",
    "ended_at",
    "end_type",
    "duration_seconds",
    "customer_message_count",
    "ai_message_count",
    "agent_message_count",
    "message_count",
    "escalated_at",
    "outcome",
    "is_mature",
    "is_repeat_within_72h",
    "rating_score",
    "intent",
    "queue_wait_seconds",
    "queue_wait_source",
    "reported_wait_seconds",
    "agent_first_response_seconds",
    "customer_first_response_seconds",
    "handle_seconds",
    "started_date",
]
HANDLING_COLUMNS = [
    "agent_id",
    "started_at",
    "ended_at",
    "opened_by",
    "closed_by",
    "handle_seconds",
    "agent_message_count",
    "reported_handle_seconds",
    "reported_message_count",
]
SHIFT_COLUMNS = [
    "started_at",
    "is_start_observed",
    "ended_at",
    "end_type",
    "shift_minutes",
    "held_minutes",
    "held_union_minutes",
    "occupancy_rate",
    "concurrency",
    "sessions_handled",
    "reported_work_minutes",
    "reported_sessions_handled",
    "started_date",
]
CATEGORIES = ("available", "busy", "break", "other", "unknown")
TICKET_COLUMNS = [
    "session_id",
    "type",
    "priority",
    "source",
    "created_at",
    "is_created_observed",
    "created_by",
    "first_assigned_at",
    "assignee_id",
    "assignment_count",
    "first_response_at",
    "first_resolved_at",
    "resolved_at",
    "closed_at",
    "status",
    "reopen_count",
    "resolution_hours",
    "paused_hours",
    "net_resolution_hours",
    "business_resolution_hours",
    "sla_response_status",
    "sla_status",
    "sla_breach_at",
    "reported_sla_met",
    "reported_resolution_hours",
    "is_sla_disagreement",
    "created_date",
]


def picked(row: object, columns: list[str]) -> Row:
    """Read the named attributes."""
    return {column: getattr(row, column) for column in columns}


def session_row(session: Session) -> Row:
    """Return a row of fct_sessions; user_agent and customer_id are redacted on their way."""
    escalation = session.escalation
    end = last(session.events, "session.end")
    taken = session.handlings[0] if session.handlings else None
    return {
        **picked(session, SESSION_COLUMNS),
        "has_customer": session.customer_id is not None,
        "escalation_count": session.count("session.escalate"),
        "escalation_reason": escalation.text("reason") if escalation else None,
        "escalation_severity": escalation.text("severity") if escalation else None,
        "trigger_keyword": escalation.text("trigger_keyword") if escalation else None,
        "taken_over_at": taken.started_at if taken else None,
        "first_agent_id": taken.agent_id if taken else None,
        "transfer_count": session.count("agent.session_transfer"),
        "reported_duration_seconds": end.number("duration_seconds") if end else None,
        "reported_message_count": end.number("message_count") if end else None,
        "reported_resolved_by": end.text("resolved_by") if end else None,
    }


def handling_row(handling: Handling) -> Row:
    """Return a row of fct_session_handlings."""
    return picked(handling, HANDLING_COLUMNS)


def shift_row(shift: Shift) -> Row:
    """Return a row of fct_agent_shifts."""
    minutes = {f"{category}_minutes": shift.minutes(category) for category in CATEGORIES}
    return {**picked(shift, SHIFT_COLUMNS), **minutes}


def ticket_row(ticket: Ticket) -> Row:
    """Return a row of fct_tickets."""
    return picked(ticket, TICKET_COLUMNS)


def counted(rows: list[tuple[object, ...]]) -> Rows:
    """Key rows that have no key of their own by all their values; the value is their number."""
    return {row: {"row_count": rows.count(row)} for row in rows}


def transfer_rows(reading: Reading) -> Rows:
    """Return fct_session_transfers as a bag of rows."""
    return counted(
        [
            (
                transfer.session_id,
                transfer.event.agent_id,
                transfer.event.text("target_agent_id"),
                transfer.event.text("reason"),
                transfer.event.occurred_at,
                transfer.is_accepted,
            )
            for session in reading.facts.sessions
            for transfer in session.transfers
        ]
    )


def agent_status_rows(reading: Reading) -> Rows:
    """Return fct_agent_statuses as a bag of rows; an instant in a status is no interval."""
    return counted(
        [
            (s.agent_id, s.shift_number, t.status, t.category, t.started_at, t.ended_at)
            for s in reading.shifts
            for t in s.statuses
            if t.started_at != t.ended_at
        ]
    )


def ticket_status_rows(reading: Reading) -> Rows:
    """Return fct_ticket_statuses as a bag of rows; an instant in a status is no interval."""
    return counted(
        [
            (s.ticket_id, s.status, s.category, s.agent_id, s.started_at, s.ended_at)
            for ticket in reading.facts.tickets
            for s in ticket.statuses
            if s.started_at != s.ended_at
        ]
    )


def fact_rows(reading: Reading) -> dict[str, Rows]:
    """Return every fact table by its warehouse name."""
    sessions = reading.facts.sessions
    handlings = [handling for session in sessions for handling in session.handlings]
    return {
        "fct_sessions": {(s.session_id,): session_row(s) for s in sessions},
        "fct_session_handlings": {
            (h.session_id, h.handling_number): handling_row(h) for h in handlings
        },
        "fct_session_transfers": transfer_rows(reading),
        "fct_agent_shifts": {(s.agent_id, s.shift_number): shift_row(s) for s in reading.shifts},
        "fct_agent_statuses": agent_status_rows(reading),
        "fct_tickets": {(t.ticket_id,): ticket_row(t) for t in reading.facts.tickets},
        "fct_ticket_statuses": ticket_status_rows(reading),
        "fct_queries": {
            (q.event.producer, q.event.event_id): {
                "kind": q.kind,
                "is_lookup_result": q.is_lookup_result,
            }
            for q in reading.queries
        },
    }


LOSSES = ("lost_events", "expected_events", "loss_rate", "loss_rate_upper_95")
QUALITY_COUNTS = (
    "landed_count",
    "skewed_count",
    "session_disagreement_count",
    "shift_disagreement_count",
    "ticket_disagreement_count",
)


def quality_rows(reading: Reading) -> Rows:
    """Return what data_quality_daily says of losses, clocks and reports, by producer and day.

    On the day of as_of only losses: a past state knows lines by their day, not by their time.
    What is read came from files: nothing was trimmed from a stream.
    """
    counts = quality_counts(reading)
    today = local_date(reading.facts.as_of, reading.facts.zone)
    rows: Rows = {}
    for key in reading.losses.keys() | counts.keys():
        rows[key] = picked(reading.losses.get(key) or Loss(*key), [*LOSSES])
        rows[key]["trimmed_events"] = 0
        if key[1] != today:
            rows[key] |= {name: counts[key][name] for name in QUALITY_COUNTS}
    return rows


def dated(rows: dict[tuple[date, str], dict[str, Value]], *, by: By = "all") -> Rows:
    """Key rows as the warehouse does: tables of everything have no column for the value."""
    return {key[:1] if by == "all" else key: dict(row) for key, row in rows.items()}


GRAINS: dict[str, Grain] = {"daily": "day", "weekly": "week", "monthly": "month"}
SLICED: tuple[By, ...] = ("site", "channel")


def mart_rows(reading: Reading) -> dict[str, Rows]:
    """Return every mart by its warehouse name."""
    marts = {f"support_kpis_{name}": dated(reading.kpis(grain)) for name, grain in GRAINS.items()}
    for name in ("daily", "monthly"):
        grain = GRAINS[name]
        for by in SLICED:
            marts[f"support_kpis_{name}_by_{by}"] = dated(reading.kpis(grain, by), by=by)
        marts[f"cost_savings_{name}"] = dated(reading.savings(grain))
        performance = read_performance(reading, grain)
        marts[f"agent_performance_{name}"] = {key: dict(row) for key, row in performance.items()}
    for name, rows in breakdowns(reading).items():
        marts[name] = {key: dict(row) for key, row in rows.items()}
    return marts
