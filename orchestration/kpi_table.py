"""The headline numbers of the last month and week, each with the column it comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from rich import box
from rich.table import Table

Number = int | float | Decimal
ABSENT = "–"


@dataclass(frozen=True)
class Headline:
    """One line: what it is called, its column, and how its value is written."""

    label: str
    column: str
    write: Callable[[Number], str]


def _count(value: Number) -> str:
    return f"{value:,.0f}"


def _share(value: Number) -> str:
    return f"{100 * value:.1f} %"


def _seconds(value: Number) -> str:
    return f"{value:,.0f} s"


def _hours(value: Number) -> str:
    return f"{value:,.1f} h"


def _milliseconds(value: Number) -> str:
    return f"{value:,.0f} ms"


KPIS = (
    Headline("Sessions", "sessions", _count),
    Headline("  engaged and ended", "engaged_ended_sessions", _count),
    Headline("  resolved by the AI alone", "ai_resolved_sessions", _count),
    Headline("  taken by an agent", "human_sessions", _count),
    Headline("AI resolution rate", "ai_resolution_rate", _share),
    Headline("  and not back within 72 h", "ai_durable_resolution_rate", _share),
    Headline("Escalation rate", "escalation_rate", _share),
    Headline("AI answers within (p95)", "ai_response_ms_p95", _milliseconds),
    Headline("Queue wait (p50)", "queue_wait_seconds_p50", _seconds),
    Headline("  served within 30 s", "service_level_30s", _share),
    Headline("Agent's first response (p50)", "agent_first_response_seconds_p50", _seconds),
    Headline("  (p90)", "agent_first_response_seconds_p90", _seconds),
    Headline("Tickets created", "tickets_created", _count),
    Headline("  resolved", "tickets_resolved", _count),
    Headline("  time to resolve (p50)", "ticket_resolution_hours_p50", _hours),
    Headline("SLA attainment", "sla_attainment_rate", _share),
    Headline("Tickets reopened", "reopen_rate", _share),
)
SAVINGS = "net_savings_base"


@dataclass(frozen=True, kw_only=True)
class Period:
    """One row of a KPI mart with its savings; `is_complete` when it was over by as_of."""

    start: date
    is_complete: bool
    kpis: dict[str, Number | None]
    savings: Number | None
    currency: str | None


@dataclass(frozen=True, kw_only=True)
class Headlines:
    """The last complete month and week; the running one when none is complete."""

    month: Period | None
    week: Period | None


def read_headlines(connection: psycopg.Connection, schema_suffix: str = "") -> Headlines:
    """Read the marts; None for a period when no events have been built."""
    marts = f"marts{schema_suffix}"
    return Headlines(
        month=_read_period(connection, marts, "support_kpis_monthly", "1 month"),
        week=_read_period(connection, marts, "support_kpis_weekly", "7 days"),
    )


def _read_period(
    connection: psycopg.Connection, marts: str, mart: str, length: str
) -> Period | None:
    """Read a mart's last period; its savings are the sum of its days'."""
    query = sql.SQL(
        """
        select kpis.*, savings.net_savings_base, savings.currency
        from {kpis} as kpis
        left join lateral (
            select sum(days.net_savings_base) as net_savings_base, min(days.currency) as currency
            from {days} as days
            where
                days.period_start >= kpis.period_start
                and days.period_start < kpis.period_start + {length}::interval
        ) as savings on true
        order by kpis.is_complete desc, kpis.period_start desc
        limit 1
        """
    ).format(
        kpis=sql.Identifier(marts, mart),
        days=sql.Identifier(marts, "cost_savings_daily"),
        length=sql.Literal(length),
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query).fetchone()
    if row is None:
        return None
    return Period(
        start=row["period_start"],
        is_complete=row["is_complete"],
        kpis={headline.column: row[headline.column] for headline in KPIS},
        savings=row[SAVINGS],
        currency=row["currency"],
    )


def render_headlines(headlines: Headlines) -> Table:
    """Give the table a person reads: month, week, and the mart's column behind each line."""
    month, week = headlines.month, headlines.week
    table = Table(title="Support", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    table.add_column(_month_title(month), justify="right", no_wrap=True)
    table.add_column(_week_title(week), justify="right", no_wrap=True)
    table.add_column("in support_kpis_monthly, _weekly", style="dim", overflow="fold")
    for headline in KPIS:
        values = [_write(period, headline) for period in (month, week)]
        table.add_row(headline.label, *values, headline.column)
    savings = [_write_savings(period) for period in (month, week)]
    table.add_row("Net savings", *savings, f"cost_savings_daily: {SAVINGS}")
    return table


def _write(period: Period | None, headline: Headline) -> str:
    value = period.kpis[headline.column] if period else None
    return ABSENT if value is None else headline.write(value)


def _write_savings(period: Period | None) -> str:
    if period is None or period.savings is None:
        return ABSENT
    return f"{period.savings:,.0f} {period.currency or ''}".strip()


def _month_title(period: Period | None) -> str:
    return f"{period.start:%Y-%m}{_so_far(period)}" if period else "month"


def _week_title(period: Period | None) -> str:
    if period is None:
        return "week"
    last = period.start + timedelta(days=6)
    return f"{period.start:%d %b} to {last:%d %b}{_so_far(period)}"


def _so_far(period: Period) -> str:
    return "" if period.is_complete else " (so far)"
