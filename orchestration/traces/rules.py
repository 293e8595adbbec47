"""What the counts of the KPI and savings marts count: rows of a fact, by a condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Rows of `fact` whose `dated_by` is in the period and that meet a `condition`.

    `fact` is a fact, or a table of `schema`; `dated_by` is a local date, or a UTC instant where
    `is_instant`. The number is how many rows there are; or the sum of `amount`; or how many
    distinct `thing`s. `events` names the columns by which a row's events are found, `span` those
    of the first and last instant they can have. `by` holds, as SQL, a dimension of the mart that
    this fact calls otherwise than its others. In SQL the row is `counted`, and `{facts}` the
    schema of facts.
    """

    fact: str
    dated_by: str
    schema: str | None = None
    is_instant: bool = False
    condition: str = "true"
    amount: str | None = None
    empty_sum: int | None = None
    thing: str | None = None
    events: tuple[str, ...] = ("producer", "event_id", "occurred_at")
    span: tuple[str, str] | None = None
    by: Mapping[str, str] = field(default_factory=dict)

    def where(self, condition: str) -> Rule:
        """Give the rule for those of its rows that also meet a condition."""
        both = condition if self.condition == "true" else f"{self.condition} and {condition}"
        return replace(self, condition=both)

    def summing(self, amount: str, empty: int | None = None) -> Rule:
        """Give the rule for the sum of a column; `empty` is that of no rows."""
        return replace(self.where(f"{amount} is not null"), amount=amount, empty_sum=empty)

    def distinct(self, thing: str) -> Rule:
        """Give the rule for how many values a column has."""
        return replace(self.where(f"{thing} is not null"), thing=thing)


SESSIONS = Rule(fact="fct_sessions", dated_by="started_date", events=("session_id",))
MESSAGES = Rule(fact="fct_messages", dated_by="occurred_date")
QUERIES = Rule(fact="fct_queries", dated_by="occurred_date")
AI_CALLS = Rule(fact="fct_ai_calls", dated_by="occurred_date")
API_ERRORS = Rule(fact="fct_api_errors", dated_by="occurred_date")
TICKETS = Rule(fact="fct_tickets", dated_by="created_date", events=("ticket_id",))
RESOLVED_TICKETS = replace(TICKETS, dated_by="resolved_date")

ENGAGED = SESSIONS.where("is_engaged")
ESCALATED = SESSIONS.where("escalation_count > 0")
AI_RESOLVED = SESSIONS.where("outcome = 'ai_resolved'")
ELIGIBLE = SESSIONS.where("is_mature and customer_id is not null")
ABANDONED_AFTER_5S = (
    "outcome = 'queue_abandoned' and ended_at - escalated_at >= interval '5 seconds'"
)

COUNTS = {
    "sessions": SESSIONS,
    "engaged_sessions": ENGAGED,
    "engaged_ended_sessions": ENGAGED.where("outcome <> 'open'"),
    "ai_resolved_sessions": AI_RESOLVED,
    "ai_resolved_explicit_sessions": AI_RESOLVED.where("end_type = 'explicit'"),
    "ai_abandoned_sessions": SESSIONS.where("outcome = 'ai_abandoned'"),
    "ai_contained_sessions": SESSIONS.where("outcome in ('ai_resolved', 'ai_abandoned')"),
    "queue_abandoned_sessions": SESSIONS.where("outcome = 'queue_abandoned'"),
    "human_sessions": SESSIONS.where("outcome = 'human'"),
    "human_silent_sessions": SESSIONS.where("outcome = 'human' and agent_message_count = 0"),
    "empty_sessions": SESSIONS.where("outcome = 'empty'"),
    "open_sessions": SESSIONS.where("outcome = 'open'"),
    "escalated_sessions": ESCALATED,
    "escalated_ended_sessions": ESCALATED.where("outcome <> 'open'"),
    "reescalated_sessions": SESSIONS.where("escalation_count > 1"),
    "escalated_or_human_sessions": ENGAGED.where("(escalation_count > 0 or outcome = 'human')"),
    "durable_eligible_sessions": ELIGIBLE.where("is_engaged and outcome <> 'open'"),
    "ai_durable_sessions": ELIGIBLE.where("outcome = 'ai_resolved' and not is_repeat_within_72h"),
    "ai_unrepeated_sessions": AI_RESOLVED.where("is_repeat_within_72h is not true"),
    "repeat_eligible_sessions": ELIGIBLE,
    "repeated_sessions": ELIGIBLE.where("is_repeat_within_72h"),
    "unique_customers": SESSIONS.distinct("customer_id"),
    "session_messages": SESSIONS.summing("message_count", empty=0),
    "customer_messages": MESSAGES.where("sender = 'customer'"),
    "ai_messages": MESSAGES.where("sender = 'ai'"),
    "agent_messages": MESSAGES.where("sender = 'agent'"),
    "ai_responses": MESSAGES.where("sender = 'ai' and response_time_ms is not null"),
    "queue_waits": SESSIONS.where("queue_wait_seconds is not null"),
    "queue_waits_within_30s": SESSIONS.where("queue_wait_seconds <= 30"),
    "queue_abandoned_after_5s_sessions": SESSIONS.where(ABANDONED_AFTER_5S),
    "service_level_contacts": SESSIONS.where(
        f"(queue_wait_seconds is not null or {ABANDONED_AFTER_5S})"
    ),
    "agent_first_responses": SESSIONS.where("agent_first_response_seconds is not null"),
    "handled_sessions": SESSIONS.where("handle_seconds is not null"),
    "order_queries": QUERIES.where("kind = 'order'"),
    "order_queries_known": QUERIES.where("kind = 'order' and success is not null"),
    "order_queries_succeeded": QUERIES.where("kind = 'order' and success"),
    "tracking_queries": QUERIES.where("kind = 'tracking'"),
    "tracking_queries_known": QUERIES.where("kind = 'tracking' and success is not null"),
    "tracking_queries_succeeded": QUERIES.where("kind = 'tracking' and success"),
    "coze_calls": AI_CALLS,
    "coze_calls_known": AI_CALLS.where("success is not null"),
    "coze_calls_succeeded": AI_CALLS.where("success"),
    "coze_calls_timed": AI_CALLS.where("response_time_ms is not null"),
    "input_tokens": AI_CALLS.summing("input_tokens"),
    "output_tokens": AI_CALLS.summing("output_tokens"),
    "api_errors": API_ERRORS,
    "rating_count": SESSIONS.where("rating_score is not null"),
    "satisfied_ratings": SESSIONS.where("rating_score >= 4"),
    "tickets_created": TICKETS,
    "tickets_resolved": RESOLVED_TICKETS,
    "sla_met_tickets": TICKETS.where("sla_status = 'met'"),
    "sla_breached_tickets": TICKETS.where("sla_status = 'breached'"),
    "sla_decided_tickets": TICKETS.where("sla_status in ('met', 'breached')"),
    "sla_response_met_tickets": TICKETS.where("sla_response_status = 'met'"),
    "sla_response_breached_tickets": TICKETS.where("sla_response_status = 'breached'"),
    "sla_response_decided_tickets": TICKETS.where("sla_response_status in ('met', 'breached')"),
    "ever_resolved_tickets": TICKETS.where("first_resolved_at is not null"),
    "reopened_tickets": TICKETS.where("reopen_count > 0"),
}

# By the names of cost_savings_*.
CONTACTS = {
    "contained_contacts": SESSIONS.where("outcome in ('ai_resolved', 'ai_abandoned')"),
    "durable_contacts": AI_RESOLVED.where("is_repeat_within_72h is not true"),
    "proven_contacts": ELIGIBLE.where("outcome = 'ai_resolved' and not is_repeat_within_72h"),
}

# The counts a rate or an average rests on.
RESTS_ON = {
    "escalation_rate": ("escalated_or_human_sessions", "engaged_sessions"),
    "reescalation_rate": ("reescalated_sessions", "escalated_sessions"),
    "ai_containment_rate": ("ai_contained_sessions", "engaged_ended_sessions"),
    "ai_resolution_rate": ("ai_resolved_sessions", "engaged_ended_sessions"),
    "ai_durable_resolution_rate": ("ai_durable_sessions", "durable_eligible_sessions"),
    "durable_coverage_rate": ("durable_eligible_sessions", "engaged_ended_sessions"),
    "repeat_rate": ("repeated_sessions", "repeat_eligible_sessions"),
    "messages_per_session": ("session_messages", "sessions"),
    "ai_response_ms": ("ai_responses",),
    "queue_wait_seconds": ("queue_waits",),
    "service_level_30s": ("queue_waits_within_30s", "service_level_contacts"),
    "queue_abandonment_rate": ("queue_abandoned_sessions", "escalated_ended_sessions"),
    "agent_first_response_seconds": ("agent_first_responses",),
    "handle_seconds": ("handled_sessions",),
    "order_query_success_rate": ("order_queries_succeeded", "order_queries_known"),
    "tracking_query_success_rate": ("tracking_queries_succeeded", "tracking_queries_known"),
    "coze_call_success_rate": ("coze_calls_succeeded", "coze_calls_known"),
    "coze_call_ms": ("coze_calls_timed",),
    "rating_avg": ("rating_count",),
    "csat_rate": ("satisfied_ratings", "rating_count"),
    "ticket_resolution_hours": ("tickets_resolved",),
    "sla_attainment_rate": ("sla_met_tickets", "sla_decided_tickets"),
    "sla_response_attainment_rate": ("sla_response_met_tickets", "sla_response_decided_tickets"),
    "reopen_rate": ("reopened_tickets", "ever_resolved_tickets"),
}
