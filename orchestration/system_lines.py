"""One line for each system: how far its rows go, and what the last 30 days of them say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql
from rich import box
from rich.table import Table

if TYPE_CHECKING:
    from datetime import date

    import psycopg

DAYS = 30
ABSENT = "nothing has landed yet"


@dataclass(frozen=True, kw_only=True)
class SystemLine:
    """`last_date` is the last day with a row, None without any; `says` is then empty."""

    name: str
    mart: str
    last_date: date | None
    says: str


@dataclass(frozen=True, kw_only=True)
class _Query:
    """Of one system: its mart, the column of its days, and a text of what they sum to."""

    name: str
    mart: str
    day: str
    says: str
    condition: str = "true"


def _count(sums: str) -> str:
    return f"to_char({sums}, 'FM999,999,999,990')"


def _millions(sums: str) -> str:
    return f"to_char({sums} / 1000000, 'FM999,999,990.0')"


def _percent(part: str, whole: str) -> str:
    return f"round(100.0 * {part} / nullif({whole}, 0), 1)"


# Each text's parts name what the rows of the last 30 days come to.
_QUERIES = (
    _Query(
        name="Support",
        mart="support_kpis_daily",
        day="period_start",
        says=f"""concat_ws(', ',
            {_count("sum(sessions)")} || ' sessions',
            {_percent("sum(ai_resolved_sessions)", "sum(engaged_ended_sessions)")}
            || ' % resolved by the AI',
            {_count("sum(tickets_created)")} || ' tickets')""",
    ),
    _Query(
        name="AI coding agent",
        mart="coding_sessions_daily",
        day="started_date",
        says=f"""concat_ws(', ',
            {_count("sum(sessions)")} || ' sessions',
            {_count("sum(api_calls)")} || ' model calls',
            {_millions("sum(total_tokens)")} || ' M tokens',
            {_percent("sum(tool_known_successes)", "sum(tool_known_calls)")}
            || ' % of tools succeeded')""",
    ),
    _Query(
        name="Agent studio",
        mart="product_funnel_daily",
        day="event_date",
        says=f"""concat_ws(', ',
            {_count("sum(create_user_count)")} || ' creators by day',
            {_percent("sum(message_user_count)", "sum(create_user_count)")}
            || ' % tried their bot',
            {_percent("sum(publish_user_count)", "sum(create_user_count)")}
            || ' % published it')""",
    ),
    _Query(
        name="AI back office",
        mart="ai_dashboard_daily",
        day="business_date",
        condition="site_id = '(all)'",
        says=f"""concat_ws(', ',
            {_count("sum(calls)")} || ' runs',
            {_percent("sum(success_calls)", "sum(success_calls + failed_calls)")}
            || ' % succeeded',
            {_millions("sum(tokens)")} || ' M tokens')""",
    ),
)


def read_system_lines(connection: psycopg.Connection, schema_suffix: str = "") -> list[SystemLine]:
    """Read the marts, support first."""
    return [_read(connection, f"marts{schema_suffix}", query) for query in _QUERIES]


def _read(connection: psycopg.Connection, schema: str, query: _Query) -> SystemLine:
    statement = sql.SQL(
        "select max({day}), {says} from {mart} where {condition}"
        " and {day} > (select max({day}) from {mart} where {condition}) - {days}"
    ).format(
        day=sql.Identifier(query.day),
        says=sql.SQL(query.says),
        mart=sql.Identifier(schema, query.mart),
        condition=sql.SQL(query.condition),
        days=sql.Literal(DAYS),
    )
    last_date, says = connection.execute(statement).fetchone() or (None, None)
    return SystemLine(
        name=query.name,
        mart=query.mart,
        last_date=last_date,
        says=says if last_date is not None else "",
    )


def render_system_lines(lines: list[SystemLine]) -> Table:
    """Give the table a person reads."""
    title = f"All systems, their last {DAYS} days"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    table.add_column("up to", no_wrap=True)
    table.add_column("")
    table.add_column("in", style="dim", overflow="fold")
    for line in lines:
        last = "" if line.last_date is None else line.last_date.isoformat()
        table.add_row(line.name, last, line.says or ABSENT, line.mart)
    return table
