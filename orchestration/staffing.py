"""Agents needed per half hour, by Erlang C: contacts arrive at random, wait, nobody hangs up.

Pure functions; `orchestration.staffing_tables` reads and writes the marts.
"""

from __future__ import annotations

import math

import pandas as pd

# 80 % within 30 seconds: the threshold of service_level_30s, the share planners use.
TARGET_SERVICE_LEVEL = 0.8
ANSWER_SECONDS = 30.0
SLOT_SECONDS = 1800.0
# Erlang C knows no impatience: where more hang up, it asks for more agents than needed.
MAX_ABANDONMENT_RATE = 0.05


def waiting_probability(agents: int, load: float) -> float:
    """Give the probability that a contact waits: Erlang's C formula.

    `load` is offered work in erlangs (arrivals x handling time per unit of time). 1 when the
    agents cannot keep up with it. Computed over the inverse of Erlang B, which stays in range
    for thousands of agents.
    """
    if load <= 0:
        return 0.0
    if agents <= load:
        return 1.0
    inverse_blocking = 1.0
    for servers in range(1, agents + 1):
        inverse_blocking = 1.0 + inverse_blocking * servers / load
    blocking = 1.0 / inverse_blocking
    return blocking / (1.0 - load / agents * (1.0 - blocking))


def service_level(
    agents: int, load: float, handle_seconds: float, answer_seconds: float = ANSWER_SECONDS
) -> float:
    """Give the share of contacts (0 to 1) that wait at most `answer_seconds`."""
    if load <= 0:
        return 1.0
    if agents <= load:
        return 0.0
    patience = math.exp(-(agents - load) * answer_seconds / handle_seconds)
    return 1.0 - waiting_probability(agents, load) * patience


def mean_wait_seconds(agents: int, load: float, handle_seconds: float) -> float:
    """Give the mean wait over all contacts, seconds; infinite when agents cannot keep up."""
    if load <= 0:
        return 0.0
    if agents <= load:
        return math.inf
    return waiting_probability(agents, load) * handle_seconds / (agents - load)


def agents_needed(
    load: float,
    handle_seconds: float,
    target: float = TARGET_SERVICE_LEVEL,
    answer_seconds: float = ANSWER_SECONDS,
) -> int:
    """Give the least number of agents that reaches `target` (0 to 1, below 1)."""
    if not 0 <= target < 1:
        raise ValueError(f"a service level of {target} is not between 0 and 1")
    if load <= 0:
        return 0
    agents = math.floor(load) + 1
    while service_level(agents, load, handle_seconds, answer_seconds) < target:
        agents += 1
    return agents


def plan_staffing(slots: pd.DataFrame) -> pd.DataFrame:
    """Plan each half hour of `agent_concurrency_30min`; one row per row, in its order.

    Offered load counts all escalated sessions, also those that gave up, at the mean handling
    time of the half hour, or of all half hours where nobody was handled in it. Without any
    handling at all the plan is empty (NaN). One agent is taken to hold one session at a time.
    """
    plan = slots[["event_date", "slot_start", "arrivals", "abandonments"]].copy()
    plan["abandonment_rate"] = (slots["abandonments"] / slots["arrivals"]).where(
        slots["arrivals"] > 0
    )
    handled = slots["handled_arrivals"].sum()
    overall = slots["handle_seconds"].sum() / handled if handled else math.nan
    plan["handle_seconds_avg"] = (slots["handle_seconds"] / slots["handled_arrivals"]).where(
        slots["handled_arrivals"] > 0, overall
    )
    plan["offered_load"] = slots["arrivals"] * plan["handle_seconds_avg"] / SLOT_SECONDS
    planned = [
        _plan_slot(load, seconds)
        for load, seconds in zip(plan["offered_load"], plan["handle_seconds_avg"], strict=True)
    ]
    columns = ["agents_needed", "expected_service_level", "expected_wait_seconds"]
    plan[columns] = pd.DataFrame(planned, index=plan.index, columns=columns, dtype=float)
    plan["expected_occupancy_rate"] = (plan["offered_load"] / plan["agents_needed"]).where(
        plan["agents_needed"] > 0
    )
    plan["available_agents"] = slots["available_agents"]
    plan[["is_complete", "is_mature"]] = slots[["is_complete", "is_mature"]]
    plan["is_usable"] = ~(plan["abandonment_rate"] > MAX_ABANDONMENT_RATE)
    return plan


def _plan_slot(load: float, handle_seconds: float) -> tuple[float, float, float]:
    if math.isnan(load):
        return math.nan, math.nan, math.nan
    # A handling of no length occupies nobody.
    agents = agents_needed(load, handle_seconds)
    return (
        agents,
        service_level(agents, load, handle_seconds),
        mean_wait_seconds(agents, load, handle_seconds),
    )
