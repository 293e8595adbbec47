"""Which marts can be traced: their periods, their dimensions and what each count counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from orchestration.traces.elsewhere import (
    AMOUNTS,
    BUSINESS_CASE_AMOUNTS,
    COST_FIGURES,
    HALF_HOURS,
    PLANNED,
    QUALITY,
    QUALITY_OF_MONTHS,
    SESSION_STARTS,
    enumerate_names,
)
from orchestration.traces.rules import (
    API_ERRORS,
    CONTACTS,
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
AGENT_RESTS_ON |= dict.fromkeys(
    (
        *("shift_minutes", "available_minutes", "busy_minutes", "break_minutes"),
        *("other_minutes", "unknown_minutes"),
    ),
    ("shifts",),
)
AGENT_RESTS_ON |= dict.fromkeys(
    (
        *("held_minutes", "held_union_minutes", "held_working_minutes"),
        *("occupancy_rate", "concurrency"),
    ),
    ("shifts", "handlings"),
)
SAVINGS_COUNTS = CONTACTS | {
    name: COUNTS[name]
    for name in (
        *("coze_calls", "input_tokens", "output_tokens", "ai_abandoned_sessions"),
        *("repeat_eligible_sessions", "repeated_sessions"),
        *("ever_resolved_tickets", "reopened_tickets"),
    )
}
BUSINESS_CASE_COUNTS = {
    name: COUNTS[name]
    for name in (
        *("sessions", "engaged_ended_sessions", "ai_contained_sessions", "ai_resolved_sessions"),
        *("human_sessions", "empty_sessions", "open_sessions", "escalated_sessions"),
        *("escalated_ended_sessions", "durable_eligible_sessions", "ai_durable_sessions"),
        *("ai_responses", "coze_calls", "coze_calls_known", "coze_calls_succeeded"),
        *("order_queries", "order_queries_known", "order_queries_succeeded"),
        *("tracking_queries", "tracking_queries_known", "tracking_queries_succeeded"),
        *("api_errors", "queue_waits", "queue_waits_within_30s", "service_level_contacts"),
        *("queue_abandoned_sessions", "agent_first_responses", "handled_sessions"),
        *("rating_count", "tickets_created", "tickets_resolved"),
        *("sla_met_tickets", "sla_decided_tickets", "ever_resolved_tickets", "reopened_tickets"),
        *("repeat_eligible_sessions", "repeated_sessions"),
    )
}
# A decided ticket is in the KPIs' counts only.
TICKET_COUNTS = {
    name: rule
    for name, rule in COUNTS.items()
    if rule.fact == "fct_tickets" and "decided" not in name
}


def _kpis(grain: Grain, by: Mapping[str, str] | None = None) -> Mart:
    return Mart(grain=grain, counts=COUNTS, by=by or {}, rests_on=RESTS_ON)


def _savings(grain: Grain) -> Mart:
    rests_on = {name: RESTS_ON[name] for name in ("repeat_rate", "reopen_rate")}
    rests_on["proven_share"] = ("proven_contacts", "durable_contacts")
    return Mart(grain=grain, counts=SAVINGS_COUNTS, rests_on=rests_on, elsewhere=AMOUNTS)


def _business_case() -> Mart:
    """Give the mart of the page's numbers: of the KPIs' rates those whose counts it has."""
    rests_on = {
        name: counts
        for name, counts in RESTS_ON.items()
        if BUSINESS_CASE_COUNTS.keys() >= set(counts)
    }
    computed = [*rests_on, *(f"{name}_{kind}" for name in rests_on for kind in PERCENTILES)]
    before = {
        f"previous_{name}": f"is {name} of the month before: trace that"
        for name in (*BUSINESS_CASE_COUNTS, *BUSINESS_CASE_AMOUNTS, *computed)
    }
    return Mart(
        grain="month",
        counts=BUSINESS_CASE_COUNTS,
        rests_on=rests_on,
        elsewhere=before | BUSINESS_CASE_AMOUNTS,
    )


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
    "cost_savings_daily": _savings("day"),
    "cost_savings_monthly": _savings("month"),
    "business_case_monthly": _business_case(),
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
        rests_on={"handle_seconds": ("handled_arrivals",)},
        elsewhere=HALF_HOURS,
    ),
    "ticket_sla_monthly": Mart(
        grain="month",
        by={"type": _or("type"), "priority": _or("priority")},
        counts={
            **TICKET_COUNTS,
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
        rests_on={name: RESTS_ON[name] for name in ("coze_call_success_rate", "coze_call_ms")},
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
        elsewhere=QUALITY,
    ),
    "data_quality_monthly": Mart(
        grain="month", by={"source": "'support'"}, counts={}, elsewhere=QUALITY_OF_MONTHS
    ),
    "session_starts_monthly": Mart(grain="month", counts={}, elsewhere=SESSION_STARTS),
    "cost_assumptions_monthly": Mart(grain="month", counts={}, elsewhere=COST_FIGURES),
}


def find_mart(name: str) -> Mart:
    """Give a mart; raises `CasebookError` naming those that can be traced."""
    if name == "staffing_30min":
        raise CasebookError(f"{name} {PLANNED}.")
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
            f"{column} is computed from others: trace {enumerate_names(rests_on)} instead."
        )
    can = f"it can be one of {', '.join(sorted(of.counts))}" if of.counts else f"{mart} has none"
    raise CasebookError(f"{column} is no count that can be traced; {can}.")
