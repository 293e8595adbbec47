"""The figures a company may set: vocabularies, targets, hours and prices, with defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

LONG_AGO = date(2000, 1, 1)


class Dated(Protocol):
    """Something that holds from a day on, until a later one replaces it."""

    @property
    def valid_from(self) -> date:
        """Return the first day it holds."""
        ...


DatedT = TypeVar("DatedT", bound=Dated)


@dataclass(frozen=True)
class SlaTarget:
    """Calendar hours within which a ticket of one priority is to be answered and resolved."""

    priority: str
    response_hours: Fraction
    resolution_hours: Fraction
    valid_from: date = LONG_AGO


@dataclass(frozen=True)
class Costs:
    """Prices in one currency, and the shares of AI contacts that a human had had to take."""

    valid_from: date = LONG_AGO
    currency: str = "CNY"
    cost_per_human_contact: Fraction = Fraction(10)
    ai_cost_per_call: Fraction = Fraction(0)
    input_token_price: Fraction = Fraction(0)
    output_token_price: Fraction = Fraction(0)
    share_low: Fraction = Fraction(4, 10)
    share_base: Fraction = Fraction(7, 10)
    share_high: Fraction = Fraction(1)


def default_targets() -> tuple[SlaTarget, ...]:
    """Return the targets that hold where a company states none."""
    hours = {"low": (24, 72), "normal": (8, 24), "high": (4, 8), "urgent": (1, 4)}
    return tuple(
        SlaTarget(priority, Fraction(response), Fraction(resolution))
        for priority, (response, resolution) in hours.items()
    )


# Opens and closes, in local time of one day.
Window = tuple[time, time]


def office_hours() -> dict[int, list[Window]]:
    """Monday (1) to Friday (5), 09:00 to 18:00."""
    return {weekday: [(time(9), time(18))] for weekday in range(1, 6)}


@dataclass(frozen=True)
class Assumptions:
    """All seeds that the support metrics read."""

    sla_targets: tuple[SlaTarget, ...] = field(default_factory=default_targets)
    costs: tuple[Costs, ...] = (Costs(),)
    business_hours: dict[int, list[Window]] = field(default_factory=office_hours)
    holidays: frozenset[date] = frozenset()

    def sla_target(self, priority: str | None, day: date) -> SlaTarget | None:
        """Return the target of a priority on a day, None when there is none."""
        return in_force((t for t in self.sla_targets if t.priority == priority), day)

    def costs_on(self, day: date) -> Costs:
        """Return the prices of a day."""
        found = in_force(self.costs, day)
        if found is None:
            raise ValueError(f"no costs are valid on {day}")
        return found


def in_force(settings: Iterable[DatedT], day: date) -> DatedT | None:
    """Of dated settings take the latest that is valid from `day` or before."""
    valid = [setting for setting in settings if setting.valid_from <= day]
    return max(valid, key=lambda setting: setting.valid_from, default=None)


AGENT_STATUS_CATEGORIES = {
    "online": "available",
    "busy": "busy",
    "break": "break",
    "away": "break",
    "lunch": "break",
}

TICKET_STATUS_CATEGORIES = {
    "open": "open",
    "reopened": "open",
    "in_progress": "in_progress",
    "pending": "paused",
    "on_hold": "paused",
    "waiting_customer": "paused",
    "resolved": "resolved",
    "closed": "resolved",
}


def agent_status_category(status: str) -> str:
    """Map a status an agent set; an unmapped one is `other`."""
    return AGENT_STATUS_CATEGORIES.get(status, "other")


def ticket_status_category(status: str) -> str:
    """Map a ticket's status; an unmapped one counts as work in progress."""
    return TICKET_STATUS_CATEGORIES.get(status, "in_progress")
