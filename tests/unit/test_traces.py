"""What a trace is asked for: marts, columns, periods."""

from __future__ import annotations

from datetime import date

import pytest

from orchestration.traces.numbers import ask, read_period
from orchestration.traces.rules import COUNTS, RESTS_ON, find_rule
from raw_loaders.errors import CasebookError


@pytest.mark.parametrize(
    ("text", "grain", "start", "end"),
    [
        ("2025-12", "monthly", date(2025, 12, 1), date(2026, 1, 1)),
        ("2025-12-17", "monthly", date(2025, 12, 1), date(2026, 1, 1)),
        ("2024-02", "monthly", date(2024, 2, 1), date(2024, 3, 1)),
        ("2025-12-17", "daily", date(2025, 12, 17), date(2025, 12, 18)),
        ("2025-12-31", "weekly", date(2025, 12, 29), date(2026, 1, 5)),
        # ISO: the year of a week is that of its Thursday.
        ("2026-W01", "weekly", date(2025, 12, 29), date(2026, 1, 5)),
        ("2026-01-05", "weekly", date(2026, 1, 5), date(2026, 1, 12)),
    ],
)
def test_period_is_the_one_meant(text: str, grain: str, start: date, end: date) -> None:
    assert read_period(text, grain) == (start, end)


@pytest.mark.parametrize("text", ["December", "2025", "2025-13", "2025-12-32", "2025-W60", ""])
def test_a_wrong_period_is_named(text: str) -> None:
    with pytest.raises(CasebookError, match="is no day, month"):
        read_period(text, "daily")


@pytest.mark.parametrize(
    ("number", "site", "channel", "complaint"),
    [
        ("sessions", None, None, "give MART.COLUMN"),
        ("support_kpis_monthly", None, None, "give MART.COLUMN"),
        ("facts.fct_sessions.session_id", None, None, "give MART.COLUMN"),
        ("support_kpis_monthly.seshuns", None, None, "no count that can be traced"),
        ("support_kpis_monthly.reopen_rate", None, None, "reopened_tickets and ever_resolved"),
        ("support_kpis_monthly.queue_wait_seconds_p50", None, None, "trace queue_waits instead"),
        ("support_kpis_monthly_by_site.sessions", None, None, "add --site"),
        ("support_kpis_monthly.sessions", "shop-us", None, "no such breakdown"),
        ("support_kpis_monthly_by_site.sessions", "shop-us", "web", "no such breakdown"),
    ],
)
def test_a_wrong_question_is_one_sentence(
    number: str, site: str | None, channel: str | None, complaint: str
) -> None:
    with pytest.raises(CasebookError, match=complaint):
        ask(number, "2025-12", site, channel)


def test_schema_may_be_named() -> None:
    plain = ask("cost_savings_monthly.proven_contacts", "2025-12", None, None)
    assert ask("marts.cost_savings_monthly.proven_contacts", "2025-12", None, None) == plain


def test_what_a_rate_rests_on_can_be_traced() -> None:
    for columns in RESTS_ON.values():
        assert all(find_rule(column) is COUNTS[column] for column in columns)
