"""What the AI saved and cost: a row of `cost_savings_daily` or `cost_savings_monthly`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracle.calendars import local_date
from tests.oracle.event_kpis import reopen_numbers
from tests.oracle.kpis import durability, knows_repeat
from tests.oracle.numbers import Row, rate, total_known

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tests.oracle.assumptions import Assumptions
    from tests.oracle.events import Event
    from tests.oracle.periods import Slice
    from tests.oracle.sessions import Session

CONTAINED = ("ai_resolved", "ai_abandoned")


def is_durable_contact(session: Session) -> bool:
    """Tell whether the AI resolved it and nobody is known to come back."""
    return session.outcome == "ai_resolved" and not session.is_repeat_within_72h


def is_proven_contact(session: Session) -> bool:
    """Durable, and we would know if they had come back."""
    return is_durable_contact(session) and knows_repeat(session)


def call_cost(call: Event, zone: ZoneInfo, assumptions: Assumptions) -> Fraction:
    """Price one Coze call by its own day; tokens it does not report cost nothing."""
    costs = assumptions.costs_on(local_date(call.occurred_at, zone))
    tokens_in = call.number("input_tokens") or Fraction()
    tokens_out = call.number("output_tokens") or Fraction()
    tokens = tokens_in * costs.input_token_price + tokens_out * costs.output_token_price
    return costs.ai_cost_per_call + tokens


def read_savings(part: Slice, zone: ZoneInfo, assumptions: Assumptions) -> Row:
    """Price contacts by the day their session began and calls by their own.

    A month is the sum of its days, so each contact carries the figures of its day.
    """
    contained = [s for s in part.sessions if s.outcome in CONTAINED]
    durable = [s for s in part.sessions if is_durable_contact(s)]
    proven = [s for s in part.sessions if is_proven_contact(s)]
    calls = [event for event in part.events if event.name == "api.coze_call"]
    ai_cost = sum((call_cost(call, zone, assumptions) for call in calls), Fraction())

    def priced(sessions: list[Session], share: str | None) -> Fraction:
        days = [assumptions.costs_on(session.started_date) for session in sessions]
        shares = [getattr(costs, share) if share else Fraction(1) for costs in days]
        prices = [costs.cost_per_human_contact for costs in days]
        return sum((s * p for s, p in zip(shares, prices, strict=True)), Fraction())

    base_contacts = sum(
        (assumptions.costs_on(s.started_date).share_base for s in durable), Fraction()
    )
    base = priced(durable, "share_base") - ai_cost
    return {
        "contained_contacts": len(contained),
        "durable_contacts": len(durable),
        "proven_contacts": len(proven),
        "proven_share": rate(len(proven), len(durable)),
        "base_contacts": base_contacts,
        "coze_calls": len(calls),
        "input_tokens": total_known(call.number("input_tokens") for call in calls),
        "output_tokens": total_known(call.number("output_tokens") for call in calls),
        "gross_savings": priced(contained, None),
        "ai_cost": ai_cost,
        "net_savings_low": priced(proven, "share_low") - ai_cost,
        "net_savings_base": base,
        "net_savings_high": priced(contained, "share_high") - ai_cost,
        "roi": rate(base, ai_cost),
        "break_even_cost_per_contact": rate(ai_cost, base_contacts),
        "ai_abandoned_sessions": sum(s.outcome == "ai_abandoned" for s in part.sessions),
        "repeat_rate": durability(part.sessions)["repeat_rate"],
        **reopen_numbers(part.created),
    }
