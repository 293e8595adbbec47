"""Which numbers differ from those published before, and what moved each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from orchestration.reports.figures import FIGURES, QUALITY, SAVINGS, Figure
from orchestration.reports.wording import Text
from orchestration.traces.marts import MARTS, PERCENTILES

# Of event names: what the rows of a fact are made of.
EVENTS_OF = {
    "fct_sessions": ("session.", "agent.session_", "query.", "api."),
    "fct_messages": ("session.message", "agent.session_message"),
    "fct_queries": ("query.",),
    "fct_ai_calls": ("api.",),
    "fct_api_errors": ("api.",),
    "fct_tickets": ("ticket.",),
}
# Their rows change without an event of their own month: a session ends, a customer comes back.
MATURING = {"fct_sessions", "fct_tickets"}


@dataclass(frozen=True)
class Snapshot:
    """One version of a page: its numbers by `mart.column`, as text, and its build."""

    snapshot_id: int
    build_id: int
    published_at: datetime
    is_complete: bool
    assumptions: list[dict[str, Any]]
    numbers: dict[str, str | None]
    max_load_id: int
    definition_sha256: str
    business_timezone: str
    as_of: str | None


@dataclass(frozen=True)
class Change:
    """A number that was published otherwise before, and what moved it: one reason or more."""

    figure: Figure
    before: Decimal | None
    now: Decimal | None
    reasons: tuple[Text, ...]


@dataclass(frozen=True)
class History:
    """The current version and the complete one before it, None where there is none.

    `landed_since` counts the month's events by name that landed between their builds, over all
    sites.
    """

    current: Snapshot
    previous: Snapshot | None
    landed_since: Mapping[str, int]

    @property
    def changes(self) -> list[Change]:
        """Give the numbers that differ, in the page's order."""
        if self.previous is None:
            return []
        before, now = self.previous.numbers, self.current.numbers
        return [
            Change(
                figure,
                _exact(before[figure.key]),
                _exact(now[figure.key]),
                explain(figure, self.previous, self.current, self.landed_since),
            )
            for figure in FIGURES.values()
            if figure.key in before and figure.key in now and before[figure.key] != now[figure.key]
        ]


def explain(
    figure: Figure, before: Snapshot, now: Snapshot, landed_since: Mapping[str, int]
) -> tuple[Text, ...]:
    """Give what can have moved this number between two builds; a word for it in any case."""
    reasons = []
    if figure.mart == SAVINGS and _is_priced(figure) and before.assumptions != now.assumptions:
        reasons.append(Text("成本假设已变更", "cost assumptions changed"))
    if before.business_timezone != now.business_timezone:
        reasons.append(Text("业务时区已变更", "business time zone changed"))
    facts = find_facts(figure)
    late = _count(figure, facts, landed_since)
    if late:
        bear = "event that bears" if late == 1 else "events that bear"
        reasons.append(Text(f"{late:,} 个相关事件迟到入库", f"{late:,} late {bear} on it"))
    if facts & MATURING and before.as_of != now.as_of:
        reasons.append(
            Text(
                f"数据推进到 {now.as_of}，此前未定的已有结果",
                f"data now reach {now.as_of}: what was undecided is decided",
            )
        )
    # The hash covers assumptions and zone as well: it speaks where they do not.
    if before.definition_sha256 != now.definition_sha256 and not reasons:
        reasons.append(
            Text(
                "定义或其他假设（SLA 目标、状态、营业时间）已变更",
                "a definition or another assumption (SLA targets, statuses, hours) changed",
            )
        )
    return tuple(reasons or [Text("此后入库的事件", "events that landed since")])


def find_facts(figure: Figure) -> set[str]:
    """Give the facts a number counts, as `casebook trace` knows them; none for data quality."""
    if figure.mart == QUALITY:
        return set()
    mart = MARTS[figure.mart]
    base, _, end = figure.column.rpartition("_")
    counts = mart.rests_on.get(figure.column) or (
        mart.rests_on.get(base) if end in PERCENTILES else None
    )
    facts = {mart.counts[name].fact for name in counts or (figure.column,) if name in mart.counts}
    # Savings price sessions and, through the cost of the AI, its calls.
    return facts or {"fct_sessions", "fct_ai_calls"}


def _count(figure: Figure, facts: set[str], landed_since: Mapping[str, int]) -> int:
    # Of a fact that is not named here any event may be.
    starts = tuple(start for fact in facts for start in EVENTS_OF.get(fact, ("",)))
    return sum(
        count
        for name, count in landed_since.items()
        if figure.mart == QUALITY or name.startswith(starts)
    )


def _is_priced(figure: Figure) -> bool:
    return figure.kind in {"amount", "price", "decimal"}


def _exact(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
