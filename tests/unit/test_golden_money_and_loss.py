"""Hand-worked savings and losses: what needs figures or gaps of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from tests.golden.stories import Vector
from tests.oracle.assumptions import Assumptions, Costs
from tests.oracle.events import Event
from tests.oracle.losses import Rejected
from tests.oracle.numbers import Row
from tests.oracle.reading import Reading, read

ZONE = ZoneInfo("Europe/Berlin")
PRICED = Assumptions(
    costs=(
        Costs(cost_per_human_contact=Fraction(10)),
        Costs(
            valid_from=date(2025, 3, 25),
            cost_per_human_contact=Fraction(20),
            ai_cost_per_call=Fraction(1, 2),
            input_token_price=Fraction(1, 1000),
        ),
    )
)


def contact(
    vector: Vector, session: str, start: str, *, answered: bool, customer: str | None
) -> None:
    """Write one customer message at `start`, answered by the AI in the same instant or never."""
    known = {"customer_id": customer} if customer else {}
    vector.on(start, "session.start", session_id=session, **known)
    vector.on(start, "session.message", session_id=session, role="user")
    if answered:
        vector.on(start, "session.message", session_id=session, role="ai")
    vector.on(start, "session.end", session_id=session)


def story() -> Reading:
    """Two contacts at 10, three at 20 of which one repeats, one without a customer; two calls."""
    vector = Vector("money", "")
    contact(vector, "a", "2025-03-24 10:00:00", answered=True, customer="a")
    contact(vector, "b", "2025-03-24 10:00:00", answered=False, customer="b")
    contact(vector, "c", "2025-03-25 10:00:00", answered=True, customer="c")
    contact(vector, "c2", "2025-03-25 11:00:00", answered=True, customer="c")
    contact(vector, "d", "2025-03-25 10:00:00", answered=True, customer=None)
    vector.on("2025-03-24 12:00:00", "api.coze_call", session_id=None, input_tokens=9000)
    vector.on("2025-03-25 12:00:00", "api.coze_call", session_id=None, input_tokens=2000)
    vector.on("2025-04-02 12:00:00", "tracker.heartbeat")
    return read(vector.events, ZONE, PRICED)


@pytest.mark.parametrize(
    ("day", "cells"),
    [
        pytest.param(
            date(2025, 3, 24),
            {
                "contained_contacts": 2,
                "durable_contacts": 1,
                "proven_contacts": 1,
                "gross_savings": 20,
                "ai_cost": 0,
                "net_savings_low": 4,
                "net_savings_base": 7,
                "net_savings_high": 20,
                "roi": None,
                "break_even_cost_per_contact": 0,
                "repeat_rate": 0,
            },
            id="10 each: gross 2x10, low 1x0.4x10, base 1x0.7x10, calls cost nothing yet",
        ),
        pytest.param(
            date(2025, 3, 25),
            {
                "contained_contacts": 3,
                "durable_contacts": 2,
                "proven_contacts": 1,
                "proven_share": Fraction(1, 2),
                "gross_savings": 60,
                "ai_cost": Fraction(5, 2),
                "net_savings_low": Fraction(11, 2),
                "net_savings_base": Fraction(51, 2),
                "net_savings_high": Fraction(115, 2),
                "roi": Fraction(51, 5),
                "break_even_cost_per_contact": Fraction(5, 2) / Fraction(7, 5),
                "repeat_rate": Fraction(1, 2),
            },
            id="20 each: cost 0.5+2000x0.001=2.5; low 8-2.5; base 2x0.7x20-2.5; roi 25.5/2.5",
        ),
    ],
)
def test_savings_of_a_day(day: date, cells: Row) -> None:
    row = story().savings("day")[day, ""]
    assert {column: row[column] for column in cells} == cells


def test_savings_of_a_month_are_the_sum_of_its_days() -> None:
    row = story().savings("month")[date(2025, 3, 1), ""]
    assert (row["gross_savings"], row["net_savings_base"], row["ai_cost"]) == (
        80,
        Fraction(65, 2),
        Fraction(5, 2),
    )


def sent(day: int, sequence: int | None, boot: str | None = None) -> Event:
    """Send a heartbeat at 10:00 UTC on a day of March."""
    at = datetime(2025, 3, day, 10, tzinfo=UTC)
    event_id = f"{day}-{sequence}-{boot}"
    return Event(at, "tracker.heartbeat", "/p", event_id, boot=boot, sequence=sequence)


@pytest.mark.parametrize(
    ("events", "rejected", "expected"),
    [
        pytest.param(
            [sent(3, 7), sent(3, 8), sent(4, 12)],
            [],
            {3: (0, 2), 4: (3, 4)},
            id="7 8 | 12: 9 10 11 are lost on the day of 12, which expects 9 to 12",
        ),
        pytest.param(
            [sent(3, 7), sent(4, 12)],
            [("/p", None, 9), ("/p", None, 11), ("/p", "b", 10), ("/p", None, 20)],
            {3: (0, 1), 4: (2, 5)},
            id="7 | 12, 9 and 11 rejected: expected 8 to 12, lost 8 and 10",
        ),
        pytest.param(
            [sent(3, 1, "x"), sent(4, 1, "y"), sent(5, 3, "y")],
            [],
            {3: (0, 1), 4: (0, 1), 5: (1, 2)},
            id="a boot begins again: x 1 | y 1 | y 3 loses y 2 only",
        ),
        pytest.param(
            [sent(3, 5), sent(4, 4)],
            [],
            {3: (0, 1), 4: (0, 1)},
            id="the later day holds the smaller number: nothing between, nothing lost",
        ),
        pytest.param([sent(3, None)], [], {3: (0, None)}, id="no sequence: nothing to expect"),
    ],
)
def test_losses(
    events: list[Event], rejected: list[Rejected], expected: dict[int, tuple[int, int | None]]
) -> None:
    losses = read(events, ZONE, rejected=rejected).losses
    found = {day.day: (loss.lost_events, loss.expected_events) for (_, day), loss in losses.items()}
    assert found == expected


def test_upper_bound_of_no_loss_in_a_thousand_is_three_in_a_thousand() -> None:
    # k = 1: (1 - 1/9 + 1.645/3)^3 = 1.437222...^3 = 2.968737...
    losses = read([sent(3, 1), sent(3, 1000), *(sent(3, n) for n in range(2, 1000))], ZONE).losses
    (loss,) = losses.values()
    assert loss.loss_rate == 0
    assert loss.loss_rate_upper_95 == pytest.approx(0.0029687373, rel=1e-6)
