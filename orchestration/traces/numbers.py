"""Reads one number of a mart, the fact rows behind it, and their events with file and line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql
from psycopg.rows import class_row, dict_row

from orchestration.traces.marts import MARTS, Grain, find_mart, find_rule
from orchestration.traces.rules import Rule
from raw_loaders.errors import CasebookError

FactRow = dict[str, Any]
# How a period is written, and what makes it its first day for strptime.
FORMS = {"day": ("%Y-%m-%d", ""), "week": ("%G-W%V-%u", "-1"), "month": ("%Y-%m-%d", "-01")}
EXAMPLES: Mapping[Grain, str] = {
    "half hour": "2025-12-17T10:30",
    "day": "2025-12-17",
    "week": "2025-W50",
    "month": "2025-12",
}
EXAMPLE = "support_kpis_monthly.sessions"


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which number: a mart's column, its period [start, end), a value of each dimension.

    A period of days has local dates, a half hour instants; `zone` is the business time zone.
    """

    mart: str
    column: str
    start: date
    end: date
    values: Mapping[str, str]
    zone: ZoneInfo


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event behind a fact row, and the line of the file it was read from."""

    occurred_at: datetime
    event_name: str
    producer: str
    event_id: str
    object: str
    line_number: int


def read_picks(picks: Sequence[str], **shorthands: str | None) -> dict[str, str]:
    """Read `DIMENSION=VALUE` of each pick, and dimensions with a name of their own.

    Raises `CasebookError` where one has two values or none.
    """
    values: dict[str, str] = {}
    named = [f"{name}={value}" for name, value in shorthands.items() if value is not None]
    for pick in (*picks, *named):
        name, equals, value = pick.partition("=")
        if not equals:
            raise CasebookError(f"--where {pick} has no value: give DIMENSION=VALUE.")
        if values.setdefault(name, value) != value:
            raise CasebookError(f"{name} is both {values[name]} and {value}: give one of them.")
    return values


def ask(name: str, period: str, values: Mapping[str, str], zone: ZoneInfo) -> Question:
    """Read `MART.COLUMN`, a period of the mart's grain, and the values that pick its row.

    Raises `CasebookError` naming what is wrong.
    """
    mart, _, column = name.removeprefix("marts.").partition(".")
    found = find_mart(mart)
    if not column:
        example = f"{mart}.{next(iter(found.counts))}" if found.counts else EXAMPLE
        raise CasebookError(f"{mart} is a mart: give MART.COLUMN, such as {example}.")
    find_rule(mart, column)
    if values.keys() != found.by.keys():
        raise CasebookError(_wrong_values(mart, found.by, values))
    start, end = read_period(period, found.grain, zone)
    return Question(mart=mart, column=column, start=start, end=end, values=values, zone=zone)


def _wrong_values(mart: str, by: Mapping[str, str], values: Mapping[str, str]) -> str:
    wanted = " ".join(f"--where {dimension}=…" for dimension in by) or "no --where"
    others = [f"{mart}_by_{name}" for name in values if f"{mart}_by_{name}" in MARTS]
    other = f", or trace {' or '.join(others)}" if others else ""
    return f"{mart} has one number per period and {wanted}: give just these{other}."


def read_period(text: str, grain: Grain, zone: ZoneInfo) -> tuple[date, date]:
    """Give the first day of the period meant and the day after its last; or a half hour.

    A week or month may be given by its first day, as `period_start` has it. Raises
    `CasebookError` when the text is no period of this grain.
    """
    if grain == "half hour":
        return _read_half_hour(text, zone)
    form, suffix = FORMS[grain]
    for written, form_tried in ((text + suffix, form), (text, "%Y-%m-%d")):
        with suppress(ValueError):
            day = datetime.strptime(written, form_tried).date()
            start, end = _period_of(day, grain)
            if start == day:
                return start, end
    raise _wrong_period(text, grain)


def _period_of(day: date, grain: Grain) -> tuple[date, date]:
    if grain == "month":
        start = day.replace(day=1)
        return start, (start + timedelta(days=32)).replace(day=1)
    if grain == "week":
        start = day - timedelta(days=day.weekday())
        return start, start + timedelta(days=7)
    return day, day + timedelta(days=1)


def _wrong_period(text: str, grain: Grain) -> CasebookError:
    return CasebookError(
        f"The period {text} is no {grain} such as {EXAMPLES[grain]}, and the mart has one number "
        f"per {grain}."
    )


def _read_half_hour(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        start = None
    if start is None or len(text) <= len("2025-12-17"):
        raise _wrong_period(text, "half hour")
    start = (start if start.tzinfo else start.replace(tzinfo=zone)).astimezone(UTC)
    return start, start + timedelta(minutes=30)


def read_number(
    connection: psycopg.Connection, question: Question, suffix: str = ""
) -> int | Decimal | None:
    """Read what the mart says; raises `CasebookError` when it has no such row."""
    key = {find_mart(question.mart).key: question.start, **question.values}
    conditions = [
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value))
        for name, value in key.items()
    ]
    query = sql.SQL("select {} from {} where {}").format(
        sql.Identifier(question.column),
        sql.Identifier(f"marts{suffix}", question.mart),
        sql.SQL(" and ").join(conditions),
    )
    try:
        row = connection.execute(query).fetchone()
    except psycopg.errors.UndefinedColumn as error:
        raise CasebookError(f"{question.mart} has no column {question.column}.") from error
    if row is None:
        of = "".join(f" and {name} {value}" for name, value in question.values.items())
        raise CasebookError(f"{question.mart} has no row of {question.start}{of}.")
    number: int | Decimal | None = row[0]
    return number


def read_rows(
    connection: psycopg.Connection, question: Question, suffix: str = ""
) -> list[FactRow]:
    """Read every fact row that the number counts."""
    rule = find_rule(question.mart, question.column)
    by = {**find_mart(question.mart).by, **rule.by}
    facts = sql.Identifier(f"facts{suffix}")
    # Our own words, of orchestration.traces; only names and values come from outside.
    conditions = [sql.SQL(rule.condition).format(facts=facts)]
    conditions += [
        sql.SQL("{} = {}").format(sql.SQL(by[name]).format(facts=facts), sql.Literal(value))
        for name, value in question.values.items()
    ]
    start, end = question.start, question.end
    if rule.is_instant:
        start, end = _moment(start, question.zone), _moment(end, question.zone)
    query = sql.SQL(
        "select * from {table} as counted where {dated_by} >= {start} and {dated_by} < {end}"
        " and {conditions} order by {dated_by}, {identity}"
    ).format(
        table=sql.Identifier(rule.schema or f"facts{suffix}", rule.fact),
        dated_by=sql.Identifier("counted", rule.dated_by),
        start=sql.Literal(start),
        end=sql.Literal(end),
        conditions=sql.SQL(" and ").join(conditions),
        identity=sql.Identifier("counted", rule.events[0]),
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query).fetchall()


def _moment(day: date, zone: ZoneInfo) -> datetime:
    return day if isinstance(day, datetime) else datetime.combine(day, time(), zone)


def count_rows(rule: Rule, rows: Sequence[FactRow]) -> int | Decimal | None:
    """Count the rows as the mart does."""
    if rule.amount is not None:
        amounts = [row[rule.amount] for row in rows]
        return sum(amounts) if amounts else rule.empty_sum
    if rule.thing is not None:
        return len({row[rule.thing] for row in rows})
    return len(rows)


def read_events(connection: psycopg.Connection, rule: Rule, row: FactRow) -> list[Event]:
    """Read a fact row's events in order, each with the file and line it was landed from."""
    conditions: list[sql.Composable] = [
        sql.SQL("events.{} = {}").format(sql.Identifier(name), sql.Literal(row[name]))
        for name in rule.events
    ]
    if rule.span is not None:
        first, last = (row[name] for name in rule.span)
        conditions.append(sql.SQL("events.occurred_at >= {}").format(sql.Literal(first)))
        if last is not None:
            conditions.append(sql.SQL("events.occurred_at <= {}").format(sql.Literal(last)))
    if "session_id" in rule.events:
        # A ticket may name a session, but is no part of it.
        conditions.append(sql.SQL("events.event_name not like 'ticket.%'"))
    query = sql.SQL(
        """
        select
            events.occurred_at, events.event_name, events.producer, events.event_id,
            objects.object, events.line_number
        from staging.stg_support__events as events
        inner join staging.loads as loads on events.load_id = loads.load_id
        inner join staging.objects as objects on loads.object_id = objects.object_id
        where {}
        order by events.occurred_at, events.type_rank, events.sequence, events.event_id
        """
    ).format(sql.SQL(" and ").join(conditions))
    with connection.cursor(row_factory=class_row(Event)) as cursor:
        return cursor.execute(query).fetchall()
