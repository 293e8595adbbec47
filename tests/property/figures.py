"""Draws of a company's own figures, dated inside the epoch, and their CSV files."""

from __future__ import annotations

import csv
from datetime import date, time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from tests.oracle.assumptions import (
    Assumptions,
    Costs,
    SlaTarget,
    Window,
    default_targets,
    office_hours,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from tests.property.moments import Epoch

# Weekday 7 is the Sunday on which clocks change, between 01:00 and 05:00 local time.
ODD_HOURS: dict[int, list[Window]] = {
    1: [(time(8), time(12)), (time(13, 30), time(17, 15))],
    3: [(time(0), time(23, 59))],
    7: [(time(1), time(5))],
}


def draw_figures(random: Random, epoch: Epoch) -> Assumptions:
    """Draw figures; one world in three keeps the defaults."""
    if random.random() < 1 / 3:
        return Assumptions()
    first = epoch.start.date()
    later = [first + timedelta(days=random.randrange(1, epoch.days)) for _ in range(3)]
    return Assumptions(
        sla_targets=(
            *(target for target in default_targets() if target.priority != "low"),
            SlaTarget("urgent", Fraction(1, 2), Fraction(3), valid_from=later[0]),
            SlaTarget("high", Fraction(0), Fraction(0), valid_from=later[1]),
        ),
        costs=(
            Costs(),
            Costs(
                valid_from=later[2],
                cost_per_human_contact=Fraction("12.5"),
                ai_cost_per_call=Fraction("0.03"),
                input_token_price=Fraction("0.000012"),
                output_token_price=Fraction("0.00007"),
                share_low=Fraction("0.3"),
                share_base=Fraction("0.55"),
                share_high=Fraction("0.9"),
            ),
        ),
        business_hours=random.choice((office_hours(), ODD_HOURS)),
        holidays=frozenset(random.sample([first + timedelta(days=n) for n in range(9)], k=2)),
    )


def write_figures(figures: Assumptions, folder: Path) -> None:
    """Write the figures as a company would: one CSV file a seed."""
    folder.mkdir(parents=True, exist_ok=True)
    write(
        folder / "sla_targets.csv",
        ("priority", "response_hours", "resolution_hours", "valid_from"),
        [
            (t.priority, t.response_hours, t.resolution_hours, t.valid_from)
            for t in figures.sla_targets
        ],
    )
    write(
        folder / "cost_assumptions.csv",
        (
            "valid_from",
            "currency",
            "cost_per_human_contact",
            "ai_cost_per_call",
            "input_token_price",
            "output_token_price",
            "share_needing_human_low",
            "share_needing_human_base",
            "share_needing_human_high",
        ),
        [
            (
                costs.valid_from,
                costs.currency,
                costs.cost_per_human_contact,
                costs.ai_cost_per_call,
                costs.input_token_price,
                costs.output_token_price,
                costs.share_low,
                costs.share_base,
                costs.share_high,
            )
            for costs in figures.costs
        ],
    )
    hours = [
        (weekday, opens, closes)
        for weekday, windows in figures.business_hours.items()
        for opens, closes in windows
    ]
    write(folder / "business_hours.csv", ("weekday", "opens", "closes"), hours)
    holidays = [(day, "closed") for day in sorted(figures.holidays)]
    write(folder / "holidays.csv", ("holiday_date", "name"), holidays)


def write(path: Path, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    """Write one CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([cell(value) for value in row] for row in rows)


def cell(value: object) -> str:
    """Print one value; a price has a finite decimal."""
    if isinstance(value, Fraction):
        return f"{value.numerator / value.denominator:.10f}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)
