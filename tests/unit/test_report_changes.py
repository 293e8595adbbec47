"""Why a number differs from the one published before: told number by number."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from orchestration.reports.changes import EVENTS_OF, History, Snapshot, find_facts
from orchestration.reports.figures import FIGURES, Figure
from orchestration.traces.rules import COUNTS

NOW = Snapshot(
    snapshot_id=2,
    build_id=2,
    published_at=datetime(2026, 1, 7, tzinfo=UTC),
    is_complete=True,
    assumptions=[{"cost_per_human_contact": 12}],
    numbers={figure.key: "2" for figure in FIGURES.values()},
    max_load_id=9,
    definition_sha256="b",
    business_timezone="Asia/Shanghai",
    as_of="2026-01-07 00:00",
)
BEFORE = replace(NOW, snapshot_id=1, build_id=1, numbers=dict.fromkeys(NOW.numbers, "1"))


def why(before: Snapshot, **landed: int) -> dict[str, list[str]]:
    """Give the English reasons of each number by its column."""
    names = {name.replace("_", ".", 1): count for name, count in landed.items()}
    changes = History(NOW, before, names).changes
    return {change.figure.column: [reason.en for reason in change.reasons] for change in changes}


def test_late_events_move_the_numbers_they_bear_on() -> None:
    reasons = why(BEFORE, ticket_created=3, query_order=1)
    assert reasons["tickets_created"] == ["3 late events that bear on it"]
    assert reasons["order_query_success_rate"] == ["1 late event that bears on it"]
    assert reasons["ai_response_ms_p95"] == ["events that landed since"]
    assert reasons["landed_count"] == ["4 late events that bear on it"]


def test_changed_costs_move_amounts_only() -> None:
    reasons = why(replace(BEFORE, assumptions=[], definition_sha256="a"))
    assert reasons["net_savings_base"] == ["cost assumptions changed"]
    assert "cost assumptions changed" not in reasons["contained_contacts"]
    assert "definition" in reasons["contained_contacts"][0]


def test_time_decides_sessions_and_tickets_but_no_query() -> None:
    reasons = why(replace(BEFORE, as_of="2026-01-02 00:00"))
    assert "data now reach 2026-01-07 00:00" in reasons["sla_met_tickets"][0]
    assert "data now reach 2026-01-07 00:00" in reasons["ai_durable_resolution_rate"][0]
    assert reasons["order_queries"] == ["events that landed since"]


def test_number_that_stayed_is_not_told() -> None:
    before = replace(BEFORE, numbers={**NOW.numbers, "support_kpis_monthly.sessions": None})
    [change] = History(NOW, before, {}).changes
    assert (change.figure.column, change.before, change.now) == ("sessions", None, Decimal(2))


@pytest.mark.parametrize("figure", FIGURES.values(), ids=lambda figure: figure.column)
def test_facts_of_every_number_have_events(figure: Figure) -> None:
    assert {rule.fact for rule in COUNTS.values()} == set(EVENTS_OF)
    assert find_facts(figure) <= set(EVENTS_OF)
