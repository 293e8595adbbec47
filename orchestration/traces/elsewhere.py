"""What of the marts is no count of facts, and where to look instead: ends of a sentence."""

from __future__ import annotations

from collections.abc import Sequence


def enumerate_names(names: Sequence[str]) -> str:
    """Give names as a sentence lists them: a, b and c."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


# Amounts of the savings, and the counts they price.
AI_COST = ("coze_calls", "input_tokens", "output_tokens")
PRICED = {
    "base_contacts": ("durable_contacts",),
    "gross_savings": ("contained_contacts",),
    "ai_cost": AI_COST,
    "net_savings_low": ("proven_contacts", *AI_COST),
    "net_savings_base": ("durable_contacts", *AI_COST),
    "net_savings_high": ("contained_contacts", *AI_COST),
    "roi": ("durable_contacts", *AI_COST),
    "break_even_cost_per_contact": ("durable_contacts", *AI_COST),
}


def name_prices(counts: Sequence[str], of: str = "") -> str:
    """Say that an amount prices counts, which are those of another mart if `of` names one."""
    names = [f"{of}.{count}" if of else count for count in counts]
    return (
        f"prices counts with cost_assumptions_monthly: trace {enumerate_names(names)} instead, "
        "and read that"
    )


AMOUNTS = {amount: name_prices(counts) for amount, counts in PRICED.items()}
BUSINESS_CASE_AMOUNTS = {
    amount: name_prices(counts, "cost_savings_monthly") for amount, counts in PRICED.items()
}
COST_FIGURES = dict.fromkeys(
    (
        *("currency", "cost_per_human_contact", "ai_cost_per_call", "input_token_price"),
        *("output_token_price", "share_needing_human_low", "share_needing_human_base"),
        *("share_needing_human_high", "valid_from"),
    ),
    "is a figure of yours: read the seed cost_assumptions, or its file in CASEBOOK_ASSUMPTIONS",
)

ON_SHIFT = "is a mean over the half hour: trace shifts of agent_performance_daily instead"
HALF_HOURS = {
    "on_shift_agents": ON_SHIFT,
    "available_agents": ON_SHIFT,
    "held_sessions": (
        "is a mean over the half hour: trace handlings of agent_performance_daily instead"
    ),
    "queue_length": "is a mean over the half hour: trace arrivals instead",
}
PLANNED = "is planned from agent_concurrency_30min: trace agent_concurrency_30min.arrivals instead"

# Of data_quality_daily.
LEDGER_COUNTS = (
    *("duplicate_count", "quarantined_count", "malformed_count", "invalid_envelope_count"),
    *("unknown_type_count", "invalid_data_count", "id_conflict_count", "time_in_future_count"),
    *("time_too_old_count", "other_quarantined_count", "violation_count", "unknown_field_count"),
)
SEQUENCE_COUNTS = ("lost_events", "expected_events", "rejected_events")
LOSS_RATES = ("loss_rate", "loss_rate_upper_95")
REPORT_COUNTS = (
    *("compared_report_count", "disagreement_count", "session_disagreement_count"),
    *("handling_disagreement_count", "shift_disagreement_count", "ticket_disagreement_count"),
)
SEQUENCES = "is a count of what is not there: read the producer's `sequence` in staging"
QUALITY = {
    **dict.fromkeys(
        LEDGER_COUNTS,
        "is a count of lines: read staging.load_counts, and `casebook quarantine list`",
    ),
    **dict.fromkeys(SEQUENCE_COUNTS, SEQUENCES),
    **dict.fromkeys(
        LOSS_RATES, "rests on what is not there: read the producer's `sequence` in staging"
    ),
    "declared_dropped_events": "is what heartbeats say: read `dropped` of tracker.heartbeat",
    "late_count": "compares loads: read intermediate.int_arrivals_counted",
    "trimmed_events": (
        "is a count of what was never read: read staging.stream_losses, and `casebook status`"
    ),
    "unmapped_status_count": (
        "is read from statuses: read fct_ticket_statuses, fct_ai_runs and fct_ai_trigger_jobs, "
        "not is_status_known"
    ),
    **dict.fromkeys(
        REPORT_COUNTS,
        "compares reports with events: read the reported_* columns of the facts",
    ),
}
QUALITY_OF_MONTHS = dict.fromkeys(
    ("landed_count", "skewed_count", *QUALITY),
    "is that of its days together: trace data_quality_daily instead",
)
SESSION_STARTS = {
    **dict.fromkeys(
        ("sessions", "escalated_sessions"),
        "is a part of its month's: trace support_kpis_monthly instead",
    ),
    **dict.fromkeys(("weekday", "hour"), "names the row and counts nothing"),
}
