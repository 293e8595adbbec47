"""Erlang C against published figures, and the plan of half hours."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from orchestration.staffing import (
    agents_needed,
    mean_wait_seconds,
    plan_staffing,
    service_level,
    waiting_probability,
)


@pytest.mark.parametrize(
    ("agents", "load", "published"),
    [
        # Worked example of the Erlang C tutorials: 360 calls in half an hour of 4 minutes.
        (55, 48.0, 0.239),
        # Worked example of the call centre handbooks: 200 calls an hour of 3 minutes.
        (14, 10.0, 0.174),
        # M/M/1: the probability to wait is the load.
        (1, 0.7, 0.7),
        # M/M/2: 2 rho^2 / (1 + rho), with rho = 0.75.
        (2, 1.5, 0.642857),
    ],
)
def test_waiting_probability_equals_published(agents: int, load: float, published: float) -> None:
    assert waiting_probability(agents, load) == pytest.approx(published, abs=6e-4)


def test_service_level_and_wait_equal_the_handbook_example() -> None:
    # 10 erlangs, 14 agents, 180 s, 20 s: 88.8 % and 7.8 s.
    assert service_level(14, 10.0, 180.0, 20.0) == pytest.approx(0.888, abs=5e-4)
    assert mean_wait_seconds(14, 10.0, 180.0) == pytest.approx(7.8, abs=0.05)


def test_agents_needed_is_the_least_that_reaches_the_target() -> None:
    # The handbook's table for 10 erlangs, 80 % in 20 s: 13 give 79.6 % and 14 give 88.8 %.
    assert service_level(13, 10.0, 180.0, 20.0) == pytest.approx(0.796, abs=5e-4)
    assert agents_needed(10.0, 180.0, 0.8, 20.0) == 14


def test_overload_waits_for_ever() -> None:
    assert waiting_probability(10, 10.0) == 1.0
    assert service_level(10, 10.0, 180.0) == 0.0
    assert math.isinf(mean_wait_seconds(9, 10.0, 180.0))


def test_no_load_needs_nobody() -> None:
    assert agents_needed(0.0, 180.0) == 0
    assert service_level(0, 0.0, 180.0) == 1.0
    assert mean_wait_seconds(0, 0.0, 180.0) == 0.0


def test_thousands_of_agents_stay_in_range() -> None:
    assert 0 < waiting_probability(5050, 5000.0) < 1


def test_a_target_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="service level of 1"):
        agents_needed(1.0, 180.0, 1)


def slots(**columns: list[float]) -> pd.DataFrame:
    count = len(columns["arrivals"])
    frame = {
        "event_date": ["2025-12-01"] * count,
        "slot_start": list(range(count)),
        "abandonments": [0] * count,
        "handled_arrivals": [0] * count,
        "handle_seconds": [math.nan] * count,
        "available_agents": [1.0] * count,
        "is_complete": [True] * count,
        "is_mature": [False] * count,
    }
    return pd.DataFrame(frame | columns)


def test_plan_takes_the_overall_handling_time_where_nobody_was_handled() -> None:
    plan = plan_staffing(
        slots(arrivals=[10, 5], handled_arrivals=[10, 0], handle_seconds=[3600.0, math.nan])
    )
    assert plan["handle_seconds_avg"].tolist() == [360.0, 360.0]
    # 10 x 360 s in 1800 s are 2 erlangs, 5 x 360 s one.
    assert plan["offered_load"].tolist() == [2.0, 1.0]
    assert plan["agents_needed"].tolist() == [4.0, 3.0]


def test_plan_is_unusable_above_five_percent_abandoned_and_not_at_it() -> None:
    plan = plan_staffing(
        slots(
            arrivals=[20, 20, 0],
            abandonments=[1, 2, 0],
            handled_arrivals=[19, 18, 0],
            handle_seconds=[1900.0, 1800.0, math.nan],
        )
    )
    assert plan["is_usable"].tolist() == [True, False, True]
    assert plan["agents_needed"].tolist()[2] == 0


def test_plan_without_any_handling_says_nothing() -> None:
    plan = plan_staffing(slots(arrivals=[3]))
    assert math.isnan(plan["agents_needed"].iloc[0])
