"""Tickets and their SLA."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from orchestration.reports import charts
from orchestration.reports.charts import AMBER, BLUE, GREY, Bar
from orchestration.reports.sections.parts import (
    BARS,
    Chart,
    Draft,
    Section,
    Table,
    number,
    tabulate,
    tell,
)
from orchestration.reports.wording import Text, write_number

TITLE = Text("工单与 SLA", "Tickets and SLA")
NO_TICKETS = Text("本月没有新建工单。", "No ticket was created this month.")
# The gravest first; others after them by name.
PRIORITIES = ("urgent", "high", "normal", "low")
STATES = {"sla_met_tickets": BLUE, "sla_breached_tickets": AMBER, "sla_active_tickets": GREY}
LEGEND = [
    (BLUE, Text("达成", "Met")),
    (AMBER, Text("超时", "Breached")),
    (GREY, Text("未定", "Undecided")),
]


def tell_tickets(draft: Draft) -> Section:
    """Give the section; its sentence alone in a month without tickets."""
    sentence = draft.sentence("tickets_sentence")
    if not draft.has_any("tickets_created", "tickets_resolved"):
        return Section("tickets", TITLE, sentence or NO_TICKETS)
    tickets = draft.month.tickets
    is_shown = draft.is_of_all_sites
    return Section(
        "tickets",
        TITLE,
        sentence,
        tiles=draft.tiles(
            *("tickets_created", "sla_attainment_rate"),
            *("ticket_resolution_hours_p50", "reopen_rate"),
        ),
        small=draft.tiles(
            *("tickets_resolved", "ticket_resolution_hours_p90"),
            *("sla_met_tickets", "sla_breached_tickets"),
        ),
        charts=[_draw_priorities(draft, tickets)] if is_shown else [],
        tables=[_tabulate_types(draft, tickets)] if is_shown and len(tickets) else [],
    )


def _draw_priorities(draft: Draft, tickets: pd.DataFrame) -> Chart:
    bars = list(_bars(draft, tickets)) if len(tickets) else []
    return Chart(
        Text("各优先级工单的 SLA", "SLA by priority"),
        "ticket_sla_monthly",
        charts.draw_bars(bars[:BARS]),
        NO_TICKETS,
        LEGEND,
    )


def _bars(draft: Draft, tickets: pd.DataFrame) -> Iterator[Bar]:
    sums = tickets.groupby("priority").sum(numeric_only=True).to_dict("index")
    for priority in sorted(sums, key=_gravity):
        row = sums[priority]
        # Others of the month were only resolved in it.
        if row["tickets_created"]:
            yield Bar(
                draft.name(priority),
                [(float(row[state]), colour) for state, colour in STATES.items()],
                write_number(row["tickets_created"], "count"),
            )


def _gravity(priority: object) -> tuple[int, str]:
    name = str(priority)
    return (PRIORITIES.index(name) if name in PRIORITIES else len(PRIORITIES), name)


def _tabulate_types(draft: Draft, tickets: pd.DataFrame) -> Table:
    largest = tickets.sort_values("tickets_created", ascending=False, kind="stable").head(BARS)
    return tabulate(
        Text("工单最多的类型与优先级", "The most frequent types and priorities"),
        "ticket_sla_monthly",
        [
            tell(Text("类型", "Type"), lambda row: draft.name(row["type"])),
            tell(Text("优先级", "Priority"), lambda row: draft.name(row["priority"])),
            number(Text("新建", "Created"), "tickets_created", "count"),
            number(Text("SLA 达成", "SLA met"), "sla_attainment_rate", "rate"),
            number(Text("重开", "Reopened"), "reopen_rate", "rate"),
            number(Text("解决", "Resolved"), "tickets_resolved", "count"),
            number(Text("解决中位数", "Median"), "resolution_hours_p50", "hours"),
        ],
        largest,
    )
