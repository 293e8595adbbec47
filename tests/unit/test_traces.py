"""What a trace is asked for: marts, columns, periods."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import yaml

from orchestration.dbt_runs import PROJECT
from orchestration.traces.elsewhere import PRICED
from orchestration.traces.marts import MARTS, Grain
from orchestration.traces.numbers import ask, read_period, read_picks
from raw_loaders.errors import CasebookError

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "grain", "start", "end"),
    [
        ("2025-12", "month", date(2025, 12, 1), date(2026, 1, 1)),
        ("2024-02", "month", date(2024, 2, 1), date(2024, 3, 1)),
        ("2025-12-17", "day", date(2025, 12, 17), date(2025, 12, 18)),
        ("2025-W50", "week", date(2025, 12, 8), date(2025, 12, 15)),
        # As period_start has it.
        ("2025-12-01", "month", date(2025, 12, 1), date(2026, 1, 1)),
        ("2025-12-08", "week", date(2025, 12, 8), date(2025, 12, 15)),
        # ISO: the year of a week is that of its Thursday.
        ("2026-W01", "week", date(2025, 12, 29), date(2026, 1, 5)),
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


@pytest.mark.parametrize(
    ("text", "grain", "example"),
    [
        *((text, "day", "2025-12-17") for text in ("December", "2025", "2025-12-32", "")),
        # Each of them was taken for its first day, which then answered.
        *((text, "day", "2025-12-17") for text in ("2025-12", "2025-W49")),
        *((text, "month", "2025-12") for text in ("2025-12-17", "2025-W49", "2025-13")),
        *((text, "week", "2025-W50") for text in ("2025-12-17", "2025-12", "2025-W60")),
    ],
)
def test_a_period_of_another_grain_is_refused(text: str, grain: Grain, example: str) -> None:
    sentence = (
        f"The period {text} is no {grain} such as {example}, and the mart has one number per "
        f"{grain}."
    )
    with pytest.raises(CasebookError) as caught:
        read_period(text, grain, SHANGHAI)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("number", "values", "complaint"),
    [
        ("sessions", {}, "give MART.COLUMN"),
        ("facts.fct_sessions.session_id", {}, "give MART.COLUMN"),
        ("support_kpis_monthly", {}, "give MART.COLUMN, such as support_kpis_monthly.sessions"),
        ("cost_assumptions_monthly", {}, "give MART.COLUMN, such as support_kpis_monthly.sessions"),
        ("cost_assumptions_monthly.currency", {}, "is a figure of yours"),
        ("session_starts_monthly.site", {}, "session_starts_monthly has none"),
        (
            "cost_savings_monthly.gross_savings",
            {},
            "prices counts with cost_assumptions_monthly: trace contained_contacts instead",
        ),
        (
            "cost_savings_daily.net_savings_base",
            {},
            "trace durable_contacts, coze_calls, input_tokens and output_tokens instead",
        ),
        ("business_case_monthly.gross_savings", {}, "cost_savings_monthly.contained_contacts"),
        ("business_case_monthly.previous_reopen_rate", {}, "of the month before"),
        (
            "business_case_monthly.handle_seconds_p50",
            {},
            "trace handled_sessions instead",
        ),
        ("agent_performance_daily.shift_minutes", {}, "trace shifts instead"),
        ("agent_performance_monthly.occupancy_rate", {}, "trace shifts and handlings instead"),
        ("agent_performance_monthly.concurrency", {}, "trace shifts and handlings instead"),
        ("agent_concurrency_30min.queue_length", {}, "trace arrivals instead"),
        ("staffing_30min.agents_needed", {}, "trace agent_concurrency_30min.arrivals instead"),
        ("data_quality_daily.loss_rate", {}, "the producer's `sequence`"),
        ("support_kpis_monthly.seshuns", {}, "no count that can be traced"),
        ("support_kpis_monthly.reopen_rate", {}, "reopened_tickets and ever_resolved"),
        ("support_kpis_monthly.queue_wait_seconds_p50", {}, "trace queue_waits instead"),
        ("agent_performance_daily.handle_seconds_avg", {}, "trace closed_handlings instead"),
        ("business_case_monthly.previous_sessions", {}, "of the month before"),
        ("data_quality_daily.malformed_count", {}, "casebook quarantine list"),
        ("data_quality_daily.trimmed_events", {}, "casebook status"),
        ("support_kpis_monthly_by_site.sessions", {}, "--where site="),
        ("support_kpis_monthly.sessions", {"site": "shop-us"}, "no --where"),
        (
            "support_kpis_monthly.sessions",
            {"site": "shop-us"},
            "give just these, or trace support_kpis_monthly_by_site",
        ),
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


def test_picks_are_read_with_their_shorthands() -> None:
    picks = ["site=a", "reason=x=y"]
    wanted = {"site": "a", "reason": "x=y"}
    assert read_picks(picks) == wanted
    assert read_picks(picks[1:], site="a", channel=None) == wanted
    assert read_picks(picks, site="a") == wanted


@pytest.mark.parametrize(
    ("picks", "site", "complaint"),
    [
        (["site=a"], "b", "site is both a and b"),
        (["site=a", "site=b"], None, "site is both a and b"),
        (["site"], None, "--where site has no value"),
    ],
)
def test_picks_that_contradict_are_refused(
    picks: list[str], site: str | None, complaint: str
) -> None:
    with pytest.raises(CasebookError, match=complaint):
        read_picks(picks, site=site, channel=None)


def columns_of(mart: str) -> set[str]:
    path = PROJECT / f"dbt_project/models/marts/support/{mart}.yml"
    (model,) = yaml.safe_load(path.read_text())["models"]
    return {column["name"] for column in model["columns"]}


@pytest.mark.parametrize("name", sorted(MARTS))
def test_only_columns_of_the_mart_are_offered(name: str) -> None:
    assert MARTS[name].counts.keys() <= columns_of(name)


@pytest.mark.parametrize("name", sorted(MARTS))
def test_what_a_number_rests_on_can_be_traced(name: str) -> None:
    for counts in MARTS[name].rests_on.values():
        for count in counts:
            mart, _, column = count.rpartition(".")
            assert column in MARTS[mart or name].counts


@pytest.mark.parametrize(("amount", "counts"), PRICED.items())
def test_what_an_amount_prices_can_be_traced(amount: str, counts: tuple[str, ...]) -> None:
    assert amount in columns_of("cost_savings_monthly")
    assert set(counts) <= MARTS["cost_savings_monthly"].counts.keys()
