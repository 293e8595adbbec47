"""From a number of a mart back to its rows, their events, and the lines of the files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from psycopg import sql
from psycopg.rows import dict_row

from orchestration.manifests import prepare_manifest
from orchestration.traces.marts import MARTS, Mart, find_rule
from orchestration.traces.numbers import ask, count_rows, read_events, read_number, read_rows
from tests.oracle.rows import Row
from tests.pipeline.daily_run.stories import Story

# How the period of a row is written.
FORMS = {"half hour": "%Y-%m-%dT%H:%M%z", "day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}


def period_of(row: Row, mart: Mart) -> str:
    return f"{row[mart.key]:{FORMS[mart.grain]}}"


def test_trace_knows_every_count_of_every_support_mart(story: Story) -> None:
    """Of the marts in dbt's manifest: a new count column is traced, or says where to look."""
    nodes = json.loads(prepare_manifest(story.warehouse.settings).read_text())["nodes"].values()
    marts = {
        node["name"]: {
            name
            for name, column in node["columns"].items()
            if column["data_type"] in {"bigint", "integer"}
        }
        for node in nodes
        if node["resource_type"] == "model" and node["path"].startswith("marts/support/")
    }
    assert marts.keys() == MARTS.keys()
    assert any(marts.values())
    for name, counts in marts.items():
        assert counts <= MARTS[name].counts.keys() | MARTS[name].elsewhere.keys(), name


@pytest.mark.parametrize("name", sorted(name for name, mart in MARTS.items() if mart.counts))
def test_trace_of_every_count_counts_the_same(story: Story, name: str) -> None:
    """Of all columns that are counts, in the three rows with the most of what is counted."""
    mart, zone = MARTS[name], story.warehouse.settings.timezone
    with story.warehouse.database.connect() as connection:
        columns = {
            column
            for (column,) in connection.execute(
                "select column_name from information_schema.columns where table_schema = 'marts'"
                " and table_name = %s",
                (name,),
            )
        }
        counts = sorted(mart.counts.keys() & columns)
        query = sql.SQL(
            "select * from marts.{} where {} order by {} desc nulls last, {} limit 3"
        ).format(
            sql.Identifier(name),
            sql.SQL("source = 'support'" if "source" in columns else "true"),
            sql.SQL(" + ").join(map(sql.Identifier, counts)),
            sql.Identifier(mart.key),
        )
        with connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(query).fetchall()
        assert any(rows[0][column] for column in counts)
        for row in rows:
            period = period_of(row, mart)
            values = {dimension: row[dimension] for dimension in mart.by}
            for column in counts:
                question = ask(f"{name}.{column}", period, values, zone)
                traced = read_rows(connection, question)
                assert read_number(connection, question) == row[column]
                assert count_rows(find_rule(name, column), traced) == row[column], (period, column)


@pytest.mark.parametrize(
    ("name", "event_names"),
    [
        ("agent_performance_monthly.shifts", {"agent.login", "agent.logout"}),
        ("agent_performance_monthly.handlings", {"agent.session_takeover"}),
        ("agent_concurrency_30min.arrivals", {"session.start", "session.escalate"}),
        ("data_quality_daily.skewed_count", {"session.escalate"}),
    ],
)
def test_trace_leads_to_the_events_of_a_fact(
    story: Story, name: str, event_names: set[str]
) -> None:
    mart, _, column = name.partition(".")
    of = MARTS[mart]
    with story.warehouse.database.connect() as connection:
        query = sql.SQL("select * from marts.{} order by {} desc limit 1").format(
            sql.Identifier(mart), sql.Identifier(column)
        )
        with connection.cursor(row_factory=dict_row) as cursor:
            (row,) = cursor.execute(query).fetchall()
        values = {dimension: row[dimension] for dimension in of.by}
        question = ask(name, period_of(row, of), values, story.warehouse.settings.timezone)
        rule = find_rule(mart, column)
        told = [read_events(connection, rule, fact) for fact in read_rows(connection, question)]
    assert len(told) == row[column] > 0
    assert all(told)
    assert event_names <= {event.event_name for events in told for event in events}


def test_trace_leads_to_the_lines_of_the_files(story: Story) -> None:
    """Each event of a traced session stands in the file at the line that the trace names."""
    zone = story.warehouse.settings.timezone
    question = ask("support_kpis_monthly.human_sessions", "2025-12", {}, zone)
    rule = find_rule("support_kpis_monthly", "human_sessions")
    with story.warehouse.database.connect() as connection:
        row = read_rows(connection, question)[0]
        events = read_events(connection, rule, row)
    assert len(events) > 3
    for event in events:
        path = Path(story.warehouse.settings.landing) / event.object
        line = gzip.decompress(path.read_bytes()).splitlines()[event.line_number - 1]
        told = json.loads(line)
        assert (told["id"], told["source"], told["type"]) == (
            event.event_id,
            event.producer,
            event.event_name,
        )
