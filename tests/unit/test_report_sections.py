"""The page's sections without a database: nothing, one day, and no costs are sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd
import pytest
import yaml

from orchestration.dbt_runs import PROJECT
from orchestration.reports.changes import History, Snapshot
from orchestration.reports.figures import FIGURES, MARTS
from orchestration.reports.marts import Build, Month
from orchestration.reports.pages import render_page
from orchestration.reports.sections import arrange
from orchestration.reports.sections.parts import TOO_FEW_DAYS
from orchestration.reports.vocabulary import name_code
from orchestration.reports.wording import Language, Text, speak

SENTENCES = ("sales", "cost", "engineering", "supervisor", "tickets")
NAMES = [f"{reader}_sentence" for reader in SENTENCES] + ["sales_footnote"]
NONE = pd.DataFrame()
EMPTY = Month(
    start=date(2025, 11, 1),
    site=None,
    build=Build(1, 1, "Asia/Shanghai", "", datetime(2025, 12, 4, tzinfo=UTC)),
    is_complete=True,
    case={
        "is_comparable": False,
        "currency": None,
        **{f"{name}_{language}": f"{name}." for name in NAMES for language in ("zh", "en")},
    },
    values={figure.key: 0 if figure.kind == "count" else None for figure in FIGURES.values()},
    days=NONE,
    hours=NONE,
    channels=NONE,
    sites=NONE,
    escalations=NONE,
    tickets=NONE,
    assumptions=NONE,
    definitions={},
)
FIRST = History(
    Snapshot(1, 1, datetime(2025, 12, 4, tzinfo=UTC), True, [], {}, 1, "", "Asia/Shanghai", None),
    None,
    {},
)
SOME = {"support_kpis_monthly.sessions": 3, "support_kpis_monthly.human_sessions": 1}
ONE_DAY = replace(
    EMPTY,
    values={**EMPTY.values, **SOME, "support_kpis_monthly.ai_response_ms_p50": 1250.0},
    days=pd.DataFrame(
        [
            {
                "period_start": date(2025, 11, 5),
                **{figure.column: 1.0 for figure in FIGURES.values()},
            }
        ]
    ),
)


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_month_without_anything_is_a_sentence_in_each_section(language: Language) -> None:
    sections = arrange(EMPTY, language)
    assert len(sections) == 7
    for section in sections:
        assert section.sentence is not None, section.anchor
        assert [*section.tiles, *section.small, *section.charts, *section.tables] == []
    assert "<svg" not in render_page(EMPTY, FIRST, language)


def test_one_day_is_no_trend_and_says_since_when_there_are_data() -> None:
    sections = {section.anchor: section for section in arrange(ONE_DAY, "both")}
    assert [chart.svg for part in ("ai", "people") for chart in sections[part].charts] == [None] * 4
    assert {chart.absent for chart in sections["ai"].charts} == {TOO_FEW_DAYS}
    page = render_page(ONE_DAY, FIRST, "en")
    assert "Data of this month begin on 2025-11-05" in page
    assert page.count(TOO_FEW_DAYS.en) == 5


def test_missing_costs_are_sentences_beside_the_counts() -> None:
    savings = next(part for part in arrange(ONE_DAY, "en") if part.anchor == "savings")
    assert not savings.tiles
    assert [chart.svg for chart in savings.charts] == [None]
    [table] = savings.tables
    assert (table.rows, "cost_assumptions.csv" in table.absent.en) == ([], True)
    assert "contained_contacts" in [tile.figure.column for tile in savings.small]


def test_ai_priced_at_nothing_is_told() -> None:
    prices = ("ai_cost_per_call", "input_token_price", "output_token_price")
    row = {
        "valid_from": date(2000, 1, 1),
        "currency": "CNY",
        "cost_per_human_contact": 10,
        **dict.fromkeys(prices, 0),
        **{f"share_needing_human_{case}": 0.5 for case in ("low", "base", "high")},
    }
    notes = []
    for price in (0, 0.00002):
        month = replace(ONE_DAY, assumptions=pd.DataFrame([{**row, "output_token_price": price}]))
        notes.append(len(arrange(month, "zh")[1].notes))
    assert notes == [2, 1]


def test_priority_whose_tickets_were_only_resolved_is_a_row_and_no_bar() -> None:
    row = {
        "type": "refund",
        "priority": "low",
        "tickets_created": 0,
        "tickets_resolved": 2,
        "sla_met_tickets": 0,
        "sla_breached_tickets": 0,
        "sla_active_tickets": 0,
        "sla_attainment_rate": None,
        "reopen_rate": None,
        "resolution_hours_p50": 30.0,
    }
    values = {**EMPTY.values, "support_kpis_monthly.tickets_resolved": 2}
    month = replace(EMPTY, values=values, tickets=pd.DataFrame([row]))
    tickets = next(part for part in arrange(month, "en") if part.anchor == "tickets")
    assert [chart.svg for chart in tickets.charts] == [None]
    [table] = tickets.tables
    assert table.rows[0][2:] == ["0", "–", "–", "2", "30.0 h"]


def test_codes_of_events_are_words_and_unknown_ones_stay() -> None:
    assert name_code("user_request") == Text("客户要求", "user request")
    assert speak(name_code("user_request"), "both") == "客户要求 user request"
    assert speak(name_code("投诉升级"), "both") == "投诉升级"


def test_exposure_names_the_marts_that_the_page_reads() -> None:
    path = PROJECT / "dbt_project" / "models" / "marts" / "exposures.yml"
    exposures = {of["name"]: of for of in yaml.safe_load(path.read_text())["exposures"]}
    depends_on = exposures["business_case_page"]["depends_on"]
    assert depends_on == [f"ref('{mart}')" for mart in MARTS]
