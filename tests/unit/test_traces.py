"""What a trace is asked for: marts, columns, periods."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from orchestration.traces.marts import MARTS, Grain, find_rule
from orchestration.traces.numbers import ask, read_period
from raw_loaders.errors import CasebookError

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "grain", "start", "end"),
    [
        ("2025-12", "month", date(2025, 12, 1), date(2026, 1, 1)),
        ("2025-12-17", "month", date(2025, 12, 1), date(2026, 1, 1)),
        ("2024-02", "month", date(2024, 2, 1), date(2024, 3, 1)),
        ("2025-12-17", "day", date(2025, 12, 17), date(2025, 12, 18)),
        ("2025-12-31", "week", date(2025, 12, 29), date(2026, 1, 5)),
        # ISO: the year of a week is that of its Thursday.
        ("2026-W01", "week", date(2025, 12, 29), date(2026, 1, 5)),
        ("2026-01-05", "week", date(2026, 1, 5), date(2026, 1, 12)),
    ],
)
def test_period_is_the_one_meant(text: str, grain: Grain, start: date, end: date) -> None:
    assert read_period(text, grain, SHANGHAI) == (start, end)


@pytest.mark.parametrize(
    "text", ["2025-12-17T10:30", "2025-12-17 10:30", "2025-12-17T02:30Z", "2025-12-17T03:30+01:00"]
)
def test_half_hour_is_local_unless_it_says_otherwise(text: str) -> None:
    start, end = datetime(2025, 12, 17, 2, 30, tzinfo=UTC), datetime(2025, 12, 17, 3, tzinfo=UTC)
    assert read_period(text, "half hour", SHANGHAI) == (start, end)


@pytest.mark.parametrize("text", ["2025-12-17", "2025-12", "10:30", "noon", ""])
def test_a_wrong_half_hour_is_named(text: str) -> None:
    with pytest.raises(CasebookError, match="is no half hour such as"):
        read_period(text, "half hour", SHANGHAI)


@pytest.mark.parametrize("text", ["December", "2025", "2025-13", "2025-12-32", "2025-W60", ""])
def test_a_wrong_period_is_named(text: str) -> None:
    with pytest.raises(CasebookError, match="is no day, month"):
        read_period(text, "day", SHANGHAI)


@pytest.mark.parametrize(
    ("number", "values", "complaint"),
    [
        ("sessions", {}, "give MART.COLUMN"),
        ("facts.fct_sessions.session_id", {}, "give MART.COLUMN"),
        ("support_kpis_monthly", {}, "no count that can be traced"),
        ("support_kpis_monthly.seshuns", {}, "no count that can be traced"),
        ("support_kpis_monthly.reopen_rate", {}, "reopened_tickets and ever_resolved"),
        ("support_kpis_monthly.queue_wait_seconds_p50", {}, "trace queue_waits instead"),
        ("agent_performance_daily.handle_seconds_avg", {}, "trace closed_handlings instead"),
        ("business_case_monthly.previous_sessions", {}, "of the month before"),
        ("data_quality_daily.malformed_count", {}, "casebook quarantine list"),
        ("data_quality_daily.trimmed_events", {}, "casebook status"),
        ("support_kpis_monthly_by_site.sessions", {}, "--where site="),
        ("support_kpis_monthly.sessions", {"site": "shop-us"}, "no --where"),
        ("ticket_sla_monthly.tickets_created", {"type": "refund"}, "--where priority="),
        ("support_kpis_monthly_by_site.sessions", {"site": "a", "channel": "web"}, "just these"),
    ],
)
def test_a_wrong_question_is_one_sentence(
    number: str, values: dict[str, str], complaint: str
) -> None:
    with pytest.raises(CasebookError, match=complaint):
        ask(number, "2025-12", values, SHANGHAI)


def test_schema_may_be_named() -> None:
    plain = ask("cost_savings_monthly.proven_contacts", "2025-12", {}, SHANGHAI)
    assert ask("marts.cost_savings_monthly.proven_contacts", "2025-12", {}, SHANGHAI) == plain


@pytest.mark.parametrize("name", sorted(MARTS))
def test_what_a_rate_rests_on_can_be_traced(name: str) -> None:
    mart = MARTS[name]
    for columns in mart.rests_on.values():
        if any(column in mart.counts for column in columns):
            assert all(find_rule(name, column) is mart.counts[column] for column in columns)
