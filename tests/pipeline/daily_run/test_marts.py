"""What the marts hold, and what those who ask them find."""

from __future__ import annotations

import re
from typing import LiteralString

import pytest
from psycopg import sql

from orchestration.dbt_runs import PROJECT
from orchestration.kpi_table import read_headlines
from orchestration.manifests import prepare_manifest
from orchestration.system_lines import read_system_lines
from tests.pipeline.daily_run.stories import Story
from tests.semantic.engines import open_engine, query_months


def test_every_fact_and_support_mart_has_rows(story: Story) -> None:
    empty = {table for _, table in story.before if not story.before[_, table]}
    others = ("coding", "product", "ai_", "raw_", "fct_ai_runs", "fct_ai_trigger")
    assert {table for table in empty if not any(word in table for word in others)} == set()


def test_marts_count_what_was_lost(story: Story) -> None:
    with story.warehouse.database.connect() as connection:
        lost = connection.execute(
            "select producer, sum(lost_events)::int from marts.data_quality_daily"
            " where source = 'support' group by 1 having sum(lost_events) > 0"
        ).fetchall()
    assert dict(lost) == story.truth.lost_by_producer


def test_staffing_is_planned_from_the_half_hours_of_the_same_build(story: Story) -> None:
    with story.warehouse.database.connect(role="bi_reader") as connection:
        row = connection.execute(
            """
            select
                count(*), count(plan.slot_start), count(*) filter (where plan.agents_needed > 0),
                count(*) filter (where plan.arrivals <> slots.arrivals)
            from marts.agent_concurrency_30min as slots
            full join marts.staffing_30min as plan using (slot_start)
            """
        ).fetchone()
        builds = connection.execute(
            "select table_name, build_id from marts.build_info"
            " where table_name in ('staffing_30min', 'agent_concurrency_30min')"
        ).fetchall()
        undescribed = connection.execute(
            "select count(*) from pg_attribute where attrelid = 'marts.staffing_30min'::regclass"
            " and attnum > 0 and col_description(attrelid, attnum) is null"
        ).fetchone()
    assert row is not None
    slots, planned, staffed, differing = row
    assert slots == planned
    assert staffed > 0
    assert differing == 0
    assert dict(builds).keys() == {"staffing_30min", "agent_concurrency_30min"}
    assert len(set(dict(builds).values())) == 1
    assert undescribed == (0,)


# Tickets without an assignee count in no agent's row.
TICKETS_OF_AGENTS = """(
    select period_start, tickets_resolved, sla_met_tickets, sla_breached_tickets
    from marts.agent_performance_monthly
    union all
    select
        date_trunc('month', created_date::timestamp)::date, 0,
        (sla_status = 'met')::int, (sla_status = 'breached')::int
    from facts.fct_tickets where assignee_id is null
    union all
    select date_trunc('month', resolved_date::timestamp)::date, 1, 0, 0
    from facts.fct_tickets where assignee_id is null and resolved_date is not null
)"""
COUNTS_OF_AGENTS = ("tickets_resolved", "sla_met_tickets", "sla_breached_tickets")
COUNTS_OF_TYPES = (
    *("tickets_created", "ever_resolved_tickets", "reopened_tickets"),
    *("sla_response_met_tickets", "sla_response_breached_tickets", *COUNTS_OF_AGENTS),
)


@pytest.mark.parametrize(
    ("parts", "columns"),
    [
        ("marts.ticket_sla_monthly", COUNTS_OF_TYPES),
        (TICKETS_OF_AGENTS, COUNTS_OF_AGENTS),
    ],
    ids=["types and priorities", "agents"],
)
def test_tickets_of_parts_add_up_to_those_of_the_month(
    story: Story, parts: LiteralString, columns: tuple[str, ...]
) -> None:
    sums = sql.SQL(", ").join(sql.SQL("sum({})").format(sql.Identifier(name)) for name in columns)
    query = "select period_start, {} from {} as parts group by 1 order by 1"
    with story.warehouse.database.connect() as connection:
        found, wanted = (
            connection.execute(sql.SQL(query).format(sums, sql.SQL(mart))).fetchall()
            for mart in (parts, "marts.support_kpis_monthly")
        )
    assert len(found) > 1
    assert found == wanted


def test_headlines_are_of_the_last_complete_month_and_week(story: Story) -> None:
    with story.warehouse.database.connect() as connection:
        headlines = read_headlines(connection)
    assert headlines.month is not None
    assert headlines.week is not None
    assert (headlines.month.start.isoformat(), headlines.month.is_complete) == ("2025-12-01", True)
    assert (headlines.week.start.isoformat(), headlines.week.is_complete) == ("2025-12-29", True)
    assert None not in headlines.month.kpis.values()
    assert headlines.month.currency == "CNY"


def test_each_system_has_a_line_whether_it_has_rows_or_not(story: Story) -> None:
    with story.warehouse.database.connect() as connection:
        lines = read_system_lines(connection)
    assert [line.name for line in lines] == [
        "Support",
        "AI coding agent",
        "Agent studio",
        "AI back office",
    ]
    support, *others = lines
    assert support.last_date is not None
    assert " sessions, " in support.says
    assert {(line.last_date, line.says) for line in others} == {(None, "")}


def test_every_table_and_column_for_bi_has_a_comment(story: Story) -> None:
    with story.warehouse.database.connect() as connection:
        rows = connection.execute(
            "select relname, attname, col_description(pg_class.oid, attnum),"
            " obj_description(pg_class.oid, 'pg_class') from pg_attribute"
            " join pg_class on pg_class.oid = attrelid"
            " where relnamespace in ('facts'::regnamespace, 'marts'::regnamespace)"
            " and relkind in ('r', 'p', 'v', 'm') and attnum > 0 and not attisdropped"
        ).fetchall()
    assert len(rows) > 1500
    assert [f"{row[0]}.{row[1]}" for row in rows if not (row[2] and row[3])] == []


def test_questions_of_the_bi_page_have_answers(story: Story) -> None:
    page = (PROJECT / "docs" / "bi.md").read_text()
    questions = re.findall(r"```sql\n(.*?)```\n\n\| (.*?) \|\n", page, re.DOTALL)
    assert len(questions) == 3
    with story.warehouse.database.connect() as connection:
        for question, head in questions:
            cursor = connection.execute(question)
            assert cursor.description is not None
            assert [column.name for column in cursor.description] == head.split(" | ")
            assert cursor.fetchall()


HEADLINES = {
    "support_kpis_monthly": (
        *("sessions", "ai_containment_rate", "ai_resolution_rate", "ai_durable_resolution_rate"),
        *("escalation_rate", "queue_wait_seconds_avg", "agent_first_response_seconds_p50"),
        *("ai_response_ms_p95", "sla_attainment_rate"),
    ),
    "cost_savings_monthly": ("net_savings_base",),
}


def test_marts_agree_with_metricflow(story: Story) -> None:
    """Each headline KPI of each month, as MetricFlow works it out from its own definition."""
    engine = open_engine(prepare_manifest(story.warehouse.settings))
    with story.warehouse.database.connect() as connection:
        for mart, metrics in HEADLINES.items():
            for metric in metrics:
                query = sql.SQL("select period_start, {}::float from marts.{}").format(
                    sql.Identifier(metric), sql.Identifier(mart)
                )
                built = {
                    month: value
                    for month, value in connection.execute(query).fetchall()
                    if value is not None
                }
                asked = query_months(engine, connection, metric)
                assert built
                assert {m: v for m, v in asked.items() if v is not None} == pytest.approx(built)
