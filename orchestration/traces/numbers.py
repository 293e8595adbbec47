"""Reads one number of a mart, the fact rows behind it, and their events with file and line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row, dict_row

from orchestration.traces.rules import Rule, find_rule
from raw_loaders.errors import CasebookError

MART = re.compile(
    r"(?:support_kpis_(?P<kpis>daily|weekly|monthly)(?:_by_(?P<by>site|channel))?"
    r"|cost_savings_(?P<savings>daily|monthly))"
)
FactRow = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which number: a mart's column, its period [start, end) in local days, its breakdown."""

    mart: str
    column: str
    start: date
    end: date
    breakdown: str | None = None
    value: str | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event behind a fact row, and the line of the file it was read from."""

    occurred_at: datetime
    event_name: str
    producer: str
    event_id: str
    object: str
    line_number: int


def ask(name: str, period: str, site: str | None, channel: str | None) -> Question:
    """Read `MART.COLUMN` and a period: a day (of the week meant), `2025-12` or `2025-W50`.

    Raises `CasebookError` naming what is wrong.
    """
    mart, _, column = name.removeprefix("marts.").partition(".")
    found = MART.fullmatch(mart)
    if found is None or not column:
        raise CasebookError(
            f"{name} cannot be traced: give MART.COLUMN of a mart support_kpis_* or "
            "cost_savings_*, such as support_kpis_monthly.ai_resolved_sessions."
        )
    find_rule(column)
    breakdown, value = found["by"], site if found["by"] == "site" else channel
    if breakdown and value is None:
        raise CasebookError(f"{mart} has one number per {breakdown}: add --{breakdown}.")
    if (site is not None and breakdown != "site") or (
        channel is not None and breakdown != "channel"
    ):
        raise CasebookError(
            f"{mart} has no such breakdown; there are ..._by_site and ..._by_channel."
        )
    start, end = read_period(period, found["kpis"] or found["savings"])
    return Question(
        mart=mart, column=column, start=start, end=end, breakdown=breakdown, value=value
    )


def read_period(text: str, grain: str) -> tuple[date, date]:
    """Give the first day of the period meant and the day after its last."""
    for form, suffix in (("%Y-%m-%d", ""), ("%Y-%m-%d", "-01"), ("%G-W%V-%u", "-1")):
        try:
            day = datetime.strptime(text + suffix, form).date()
            break
        except ValueError:
            continue
    else:
        raise CasebookError(f"The period {text} is no day, month (2025-12) or week (2025-W50).")
    if grain == "monthly":
        start = day.replace(day=1)
        return start, (start + timedelta(days=32)).replace(day=1)
    if grain == "weekly":
        start = day - timedelta(days=day.weekday())
        return start, start + timedelta(days=7)
    return day, day + timedelta(days=1)


def read_number(
    connection: psycopg.Connection, question: Question, suffix: str = ""
) -> int | Decimal | None:
    """Read what the mart says; raises `CasebookError` when it has no such row."""
    conditions = [sql.SQL("period_start = {}").format(question.start)]
    if question.breakdown:
        column = sql.Identifier(question.breakdown)
        conditions.append(sql.SQL("{} = {}").format(column, sql.Literal(question.value)))
    row = connection.execute(
        sql.SQL("select {} from {} where {}").format(
            sql.Identifier(question.column),
            sql.Identifier(f"marts{suffix}", question.mart),
            sql.SQL(" and ").join(conditions),
        )
    ).fetchone()
    if row is None:
        of = f" and {question.breakdown} {question.value}" if question.breakdown else ""
        raise CasebookError(f"{question.mart} has no row of {question.start}{of}.")
    number: int | Decimal | None = row[0]
    return number


def read_rows(
    connection: psycopg.Connection, question: Question, suffix: str = ""
) -> list[FactRow]:
    """Read every fact row that the number counts."""
    rule = find_rule(question.column)
    facts = f"facts{suffix}"
    query = sql.SQL("select * from {} as counted where {} >= {} and {} < {} and {}").format(
        sql.Identifier(facts, rule.fact),
        sql.Identifier(rule.date_column),
        sql.Literal(question.start),
        sql.Identifier(rule.date_column),
        sql.Literal(question.end),
        # Our own words, of orchestration.traces.rules.
        sql.SQL(rule.condition),
    )
    if question.breakdown:
        query = sql.SQL(
            "select counted.* from ({}) as counted"
            " left join {} as sessions on counted.session_id = sessions.session_id"
            " where coalesce(sessions.{}, 'unknown') = {}"
        ).format(
            query,
            sql.Identifier(facts, "fct_sessions"),
            sql.Identifier(question.breakdown),
            sql.Literal(question.value),
        )
    order = sql.SQL(" order by {}, {}").format(
        sql.Identifier(rule.date_column), sql.Identifier(rule.events[0])
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query + order).fetchall()


def count_rows(rule: Rule, rows: Sequence[FactRow]) -> int | Decimal | None:
    """Count the rows as the mart does."""
    if rule.amount is not None:
        amounts = [row[rule.amount] for row in rows]
        return sum(amounts) if amounts else None
    if rule.thing is not None:
        return len({row[rule.thing] for row in rows})
    return len(rows)


def read_events(connection: psycopg.Connection, rule: Rule, row: FactRow) -> list[Event]:
    """Read a fact row's events in order, each with the file and line it was landed from."""
    conditions = [
        sql.SQL("events.{} = {}").format(sql.Identifier(name), sql.Literal(row[name]))
        for name in rule.events
    ]
    query = sql.SQL(
        """
        select
            events.occurred_at, events.event_name, events.producer, events.event_id,
            objects.object, events.line_number
        from staging.raw_support_events as events
        inner join staging.loads as loads on events.load_id = loads.load_id
        inner join staging.objects as objects on loads.object_id = objects.object_id
        where {}
        order by events.occurred_at, events.sequence, events.event_id
        """
    ).format(sql.SQL(" and ").join(conditions))
    with connection.cursor(row_factory=class_row(Event)) as cursor:
        return cursor.execute(query).fetchall()
