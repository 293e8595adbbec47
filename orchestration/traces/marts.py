"""Which marts can be traced: their periods, their dimensions and what each count counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from orchestration.traces.rules import (
    API_ERRORS,
    COUNTS,
    QUERIES,
    RESOLVED_TICKETS,
    RESTS_ON,
    SESSIONS,
    TICKETS,
    Rule,
)
from raw_loaders.errors import CasebookError

Grain = Literal["half hour", "day", "week", "month"]
PERCENTILES = frozenset({"avg", "p50", "p90", "p95"})


@dataclass(frozen=True, kw_only=True)
class Mart:
    """One row per `key`, a period of `grain`, and per value of each dimension in `by`.

    `by` gives a dimension of the counted row as SQL, `rests_on` the counts of a rate or average,
    `elsewhere` what to look at instead where a count is no count of facts.
    """

    grain: Grain
    counts: Mapping[str, Rule]
    key: str = "period_start"
    by: Mapping[str, str] = field(default_factory=dict)
    rests_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)


OF_SESSION = (
    "(select sessions.<column> from {facts}.fct_sessions as sessions"
    " where sessions.session_id = counted.session_id)"
)


def _of_session(column: str) -> str:
    return OF_SESSION.replace("<column>", column)


def _or(column: str, word: str = "unknown") -> str:
    return f"coalesce({column}, '{word}')"


SITE = {"site": _or(_of_session("site"))}
CHANNEL = {"channel": _or(_of_session("channel"))}

SHIFTS = Rule(
    fact="fct_agent_shifts",
    dated_by="started_date",
    events=("agent_id",),
    span=("started_at", "measured_until_at"),
)
HANDLINGS = Rule(
    fact="fct_session_handlings",
    dated_by="started_at",
    is_instant=True,
    events=("session_id", "agent_id"),
    span=("started_at", "ended_at"),
)
ASSIGNED_TICKETS = replace(TICKETS, by={"agent_id": "assignee_id"})
ESCALATIONS = Rule(fact="fct_escalations", dated_by="occurred_date")
FIRST_ESCALATIONS = ESCALATIONS.where("escalation_number = 1")
ARRIVALS = replace(SESSIONS.where("escalation_count > 0"), dated_by="escalated_at", is_instant=True)
LOOKUPS = QUERIES.where("is_lookup_result")
LANDED = Rule(fact="raw_support_events", schema="staging", dated_by="occurred_at", is_instant=True)
SKEWED = replace(
    SESSIONS.where(
        "escalation_count > 0 and ((taken_over_at is not null and queue_wait_seconds is null)"
        " or (agent_message_count > 0 and customer_first_response_seconds is null))"
    ),
    by={
        "producer": "(select escalations.producer from {facts}.fct_escalations as escalations"
        " where escalations.session_id = counted.session_id"
        " and escalations.escalation_number = 1)"
    },
)

AGENT_COUNTS = {
    "shifts": SHIFTS,
    "unfinished_shifts": SHIFTS.where("end_type = 'inferred'"),
    "handlings": HANDLINGS,
    "sessions_handled": HANDLINGS.distinct("session_id"),
    "transferred_handlings": HANDLINGS.where("closed_by in ('transfer', 'implicit_transfer')"),
    "timed_out_handlings": HANDLINGS.where("closed_by = 'timeout'"),
    "silent_handlings": HANDLINGS.where("agent_message_count = 0"),
    "agent_messages": HANDLINGS.summing("agent_message_count", empty=0),
    "first_responses": HANDLINGS.where("first_response_seconds is not null"),
    "closed_handlings": HANDLINGS.where("handle_seconds is not null"),
    "tickets_resolved": replace(RESOLVED_TICKETS, by=ASSIGNED_TICKETS.by),
    "sla_met_tickets": ASSIGNED_TICKETS.where("sla_status = 'met'"),
    "sla_breached_tickets": ASSIGNED_TICKETS.where("sla_status = 'breached'"),
}
AGENT_RESTS_ON = {
    "first_response_seconds": ("first_responses",),
    "handle_seconds": ("closed_handlings",),
    "sla_attainment_rate": ("sla_met_tickets", "sla_breached_tickets"),
}
# Of data_quality_daily: what cannot be traced to rows, and where to look instead.
LEDGER_COUNTS = (
    *("duplicate_count", "quarantined_count", "malformed_count", "invalid_envelope_count"),
    *("unknown_type_count", "invalid_data_count", "id_conflict_count", "time_in_future_count"),
    *("time_too_old_count", "other_quarantined_count", "violation_count", "unknown_field_count"),
)
SEQUENCE_COUNTS = ("lost_events", "expected_events", "rejected_events")
REPORT_COUNTS = (
    *("compared_report_count", "disagreement_count", "session_disagreement_count"),
    *("handling_disagreement_count", "shift_disagreement_count", "ticket_disagreement_count"),
)
OTHER_COUNTS = {
    "declared_dropped_events": "is what heartbeats say: read `dropped` of tracker.heartbeat",
    "late_count": "compares loads: read intermediate.int_arrivals_counted",
    "trimmed_events": (
        "is a count of what was never read: read staging.stream_losses, and `casebook status`"
    ),
    "unmapped_status_count": "is read from statuses: read fct_ticket_statuses, not is_status_known",
}
LEDGER = "is a count of lines: read staging.load_counts, and `casebook quarantine list`"
SEQUENCES = "is a count of what is not there: read the producer's `sequence` in staging"
REPORTS = "compares reports with events: read the reported_* columns of the facts"


def _kpis(grain: Grain, by: Mapping[str, str] | None = None) -> Mart:
    return Mart(grain=grain, counts=COUNTS, by=by or {}, rests_on=RESTS_ON)


def _agents(grain: Grain) -> Mart:
    return Mart(
        grain=grain, counts=AGENT_COUNTS, by={"agent_id": "agent_id"}, rests_on=AGENT_RESTS_ON
    )


MARTS = {
    "support_kpis_daily": _kpis("day"),
    "support_kpis_weekly": _kpis("week"),
    "support_kpis_monthly": _kpis("month"),
    "support_kpis_daily_by_site": _kpis("day", SITE),
    "support_kpis_monthly_by_site": _kpis("month", SITE),
    "support_kpis_daily_by_channel": _kpis("day", CHANNEL),
    "support_kpis_monthly_by_channel": _kpis("month", CHANNEL),
    "cost_savings_daily": _kpis("day"),
    "cost_savings_monthly": _kpis("month"),
    "business_case_monthly": replace(
        _kpis("month"),
        elsewhere={
            f"previous_{name}": f"is {name} of the month before: trace that" for name in COUNTS
        },
    ),
    "agent_performance_daily": _agents("day"),
    "agent_performance_monthly": _agents("month"),
    "agent_concurrency_30min": Mart(
        grain="half hour",
        key="slot_start",
        counts={
            "arrivals": ARRIVALS,
            "abandonments": ARRIVALS.where("outcome = 'queue_abandoned'"),
            "handled_arrivals": ARRIVALS.where("handle_seconds is not null"),
        },
    ),
    "ticket_sla_monthly": Mart(
        grain="month",
        by={"type": _or("type"), "priority": _or("priority")},
        counts={
            **{name: rule for name, rule in COUNTS.items() if rule.fact == "fct_tickets"},
            "sla_active_tickets": TICKETS.where("sla_status = 'active'"),
            "sla_reported_tickets": TICKETS.where("is_sla_disagreement is not null"),
            "sla_disagreement_tickets": TICKETS.where("is_sla_disagreement"),
            "first_responses": TICKETS.where("first_response_at is not null"),
        },
        rests_on={
            "sla_attainment_rate": ("sla_met_tickets", "sla_breached_tickets"),
            "sla_response_attainment_rate": (
                "sla_response_met_tickets",
                "sla_response_breached_tickets",
            ),
            "first_response_hours": ("first_responses",),
            "resolution_hours": ("tickets_resolved",),
            "net_resolution_hours": ("tickets_resolved",),
            "business_resolution_hours": ("tickets_resolved",),
            "reopen_rate": ("reopened_tickets", "ever_resolved_tickets"),
        },
    ),
    "query_success_daily": Mart(
        grain="day",
        by={"kind": "kind", "carrier": _or("carrier")},
        counts={
            "queries": QUERIES,
            "queries_known": QUERIES.where("success is not null"),
            "queries_succeeded": QUERIES.where("success"),
            "lookups": LOOKUPS,
            "lookups_known": LOOKUPS.where("success is not null"),
            "lookups_succeeded": LOOKUPS.where("success"),
            "retries": QUERIES.where("not is_lookup_result"),
            "queries_timed": QUERIES.where("response_time_ms is not null"),
        },
        rests_on={
            "query_success_rate": ("queries_succeeded", "queries_known"),
            "lookup_success_rate": ("lookups_succeeded", "lookups_known"),
            "response_ms": ("queries_timed",),
        },
    ),
    "escalations_daily": Mart(
        grain="day",
        by={
            "reason": _or("reason"),
            "severity": _or("severity"),
            "trigger_keyword": _or("trigger_keyword", "none"),
        },
        counts={
            "escalations": ESCALATIONS,
            "escalated_sessions": FIRST_ESCALATIONS,
            "human_sessions": FIRST_ESCALATIONS.where(f"{_of_session('outcome')} = 'human'"),
            "queue_abandoned_sessions": FIRST_ESCALATIONS.where(
                f"{_of_session('outcome')} = 'queue_abandoned'"
            ),
        },
    ),
    "ai_latency_daily": Mart(
        grain="day",
        by={"workflow_id": _or("workflow_id")},
        counts={name: rule for name, rule in COUNTS.items() if rule.fact == "fct_ai_calls"},
        rests_on=RESTS_ON,
    ),
    "api_errors_daily": Mart(
        grain="day",
        by={"endpoint": _or("endpoint"), "error_type": _or("error_type")},
        counts={
            "api_errors": API_ERRORS,
            "distinct_messages": API_ERRORS.distinct("error_fingerprint"),
            "affected_sessions": API_ERRORS.distinct("session_id"),
        },
    ),
    "data_quality_daily": Mart(
        grain="day",
        key="event_date",
        by={"source": "'support'", "producer": "producer"},
        counts={"landed_count": LANDED, "skewed_count": SKEWED},
        elsewhere={
            **dict.fromkeys(LEDGER_COUNTS, LEDGER),
            **dict.fromkeys(SEQUENCE_COUNTS, SEQUENCES),
            **OTHER_COUNTS,
            **dict.fromkeys(REPORT_COUNTS, REPORTS),
        },
    ),
    "data_quality_monthly": Mart(
        grain="month",
        by={"source": "'support'"},
        counts={},
        elsewhere=dict.fromkeys(
            (
                *("landed_count", "skewed_count"),
                *(*LEDGER_COUNTS, *SEQUENCE_COUNTS, *OTHER_COUNTS, *REPORT_COUNTS),
            ),
            "is the sum of its days: trace data_quality_daily instead",
        ),
    ),
    "session_starts_monthly": Mart(
        grain="month",
        counts={},
        elsewhere={
            **dict.fromkeys(
                ("sessions", "escalated_sessions"),
                "is a part of its month's: trace support_kpis_monthly instead",
            ),
            **dict.fromkeys(("weekday", "hour"), "names the row and counts nothing"),
        },
    ),
    "cost_assumptions_monthly": Mart(grain="month", counts={}),
}


def find_mart(name: str) -> Mart:
    """Give a mart; raises `CasebookError` naming those that can be traced."""
    mart = MARTS.get(name)
    if mart is None:
        raise CasebookError(
            f"{name} cannot be traced: give MART.COLUMN of one of {', '.join(sorted(MARTS))}; "
            "such as support_kpis_monthly.ai_resolved_sessions."
        )
    return mart


def find_rule(mart: str, column: str) -> Rule:
    """Give the rule of a count; raises `CasebookError` saying which counts to trace instead."""
    of = find_mart(mart)
    if column in of.counts:
        return of.counts[column]
    if column in of.elsewhere:
        raise CasebookError(f"{mart}.{column} {of.elsewhere[column]}.")
    base, _, kind = column.rpartition("_")
    rests_on = of.rests_on.get(column) or (of.rests_on.get(base) if kind in PERCENTILES else None)
    if rests_on:
        raise CasebookError(
            f"{column} is computed from counts: trace {' and '.join(rests_on)} instead."
        )
    raise CasebookError(
        f"{column} is no count that can be traced; it can be one of {', '.join(sorted(of.counts))}."
    )
