"""The job `daily` from files to marts, through Dagster, as `casebook run` runs it.

One run and its repetition serve most assertions: a build costs half a minute.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from orchestration.dagster_instances import open_instance
from orchestration.dbt_runs import PROJECT
from orchestration.kpi_table import read_headlines
from orchestration.manifests import prepare_manifest
from orchestration.rebuilt_days import read_days
from orchestration.reports.marts import Marts
from orchestration.reports.pages import render_page
from orchestration.reports.publishing import publish_page
from orchestration.reports.snapshots import remember
from orchestration.reports.wording import Language, write_number
from orchestration.resources import Workplace
from orchestration.runs import run_daily
from orchestration.samples.centres import Centre
from orchestration.samples.truths import Truth
from orchestration.samples.writers import write_sample
from orchestration.sources import SOURCES
from orchestration.system_lines import read_system_lines
from orchestration.traces.marts import MARTS, find_rule
from orchestration.traces.numbers import ask, count_rows, read_events, read_number, read_rows
from raw_loaders.errors import SettingsError
from raw_loaders.loading import LoadReport
from tests.pipeline.browsers import look_at
from tests.pipeline.conftest import WarehouseFactory
from tests.pipeline.readers import reading
from tests.property.warehouses import Warehouse
from tests.semantic.engines import open_engine, query_months

# Of dbt's nodes: tests are checks, hooks are neither.
WRITTEN = {"model", "seed"}
CENTRE = Centre(days=40, sessions_per_day=15, seed=11)


@dataclass
class Listening:
    """Keeps what it hears."""

    sentences: list[str] = field(default_factory=list)
    works: list[str] = field(default_factory=list)

    def say(self, sentence: str) -> None:
        """Keep it."""
        self.sentences.append(sentence)

    def step(self, work: str, what: str, done: int, total: int) -> None:
        """Keep the work's name."""
        assert 0 <= done <= total
        self.works.append(work)


@dataclass(frozen=True)
class Story:
    """A run over a sample, and one more over nothing new."""

    warehouse: Warehouse
    truth: Truth
    first: Workplace
    second: Workplace
    run_ids: tuple[str, str]
    before: dict[tuple[str, str], Counter[str]]
    after: dict[tuple[str, str], Counter[str]]

    @property
    def load(self) -> LoadReport:
        """The first run's landing of the sample."""
        return next(load for load in self.first.loads if load.source == "support")


@pytest.fixture(scope="module")
def story(new_warehouse: WarehouseFactory) -> Iterator[Story]:
    with pytest.MonkeyPatch.context() as patch:
        # Other tests' settings stay out; those of Dagster's home do not leak into them.
        for name in ("DAGSTER_HOME", "DAGSTER_CASEBOOK_POSTGRES_URL"):
            patch.delenv(name, raising=False)
        warehouse = new_warehouse("daily")
        truth = write_sample(CENTRE, Path(warehouse.settings.landing), prefix="events-")
        first = Workplace(warehouse.settings, Listening())
        first_id = run_daily(first)
        before = contents(warehouse)
        second = Workplace(warehouse.settings, Listening())
        second_id = run_daily(second)
        yield Story(
            warehouse, truth, first, second, (first_id, second_id), before, contents(warehouse)
        )


def contents(warehouse: Warehouse) -> dict[tuple[str, str], Counter[str]]:
    """Give every row of every table that holds events or what follows from them."""
    landed = [
        ("staging", name)
        for name in ("raw_support_events", "objects", "loads", "load_counts", "quarantine")
    ]
    return {table: warehouse.row_texts(*table) for table in [*landed, *warehouse.tables()]}


@contextmanager
def instance_of(warehouse: Warehouse) -> Iterator[dg.DagsterInstance]:
    instance = open_instance(warehouse.settings)
    try:
        yield instance
    finally:
        instance.dispose()


def test_run_lands_what_the_sample_says(story: Story) -> None:
    assert story.load.read == story.truth.lines
    assert story.load.landed == story.truth.delivered
    assert story.load.duplicate == story.truth.duplicates
    assert story.load.quarantined == story.truth.quarantined
    with story.warehouse.database.connect() as connection:
        landed = connection.execute(
            "select event_name, count(*) from staging.raw_support_events group by 1"
        ).fetchall()
        unknown = connection.execute(
            "select reason, sum(line_count)::int from staging.load_counts"
            " where outcome = 'unknown_field' group by 1"
        ).fetchall()
        rejected = connection.execute(
            "select producer, count(*) from staging.rejected_sequences group by 1"
        ).fetchall()
    assert dict(landed) == story.truth.delivered_by_name
    assert dict(unknown) == story.truth.unknown_fields
    assert sum(count for _, count in rejected) >= story.truth.rejected_by_producer.total()


def test_marts_count_what_was_lost(story: Story) -> None:
    with story.warehouse.database.connect() as connection:
        lost = connection.execute(
            "select producer, sum(lost_events)::int from marts.data_quality_daily"
            " where source = 'support' group by 1 having sum(lost_events) > 0"
        ).fetchall()
    assert dict(lost) == story.truth.lost_by_producer


def test_run_is_recorded_with_every_asset_and_check(story: Story) -> None:
    with instance_of(story.warehouse) as instance:
        run = instance.get_run_by_id(story.run_ids[0])
        assert run is not None
        assert (run.job_name, run.status) == ("daily", dg.DagsterRunStatus.SUCCESS)
        events = [
            entry.dagster_event
            for entry in instance.all_logs(story.run_ids[0])
            if entry.dagster_event is not None
        ]
    written = {
        event.asset_key.to_user_string()
        for event in events
        if event.is_step_materialization and event.asset_key
    }
    manifest = json.loads(prepare_manifest(story.warehouse.settings).read_bytes())
    models = [node for node in manifest["nodes"].values() if node["resource_type"] in WRITTEN]
    tests = [node for node in manifest["nodes"].values() if node["resource_type"] == "test"]
    pages = {"reports/latest_business_case", "reports/business_case"}
    assert {key for key in written if not key.startswith("staging/raw_")} == pages | {
        f"{node['config']['schema']}/{node['name']}"
        for node in models
        if node["config"]["materialized"] != "ephemeral"
    } | {"marts/staffing_30min"}
    checks = [
        event.asset_check_evaluation_data
        for event in events
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
    ]
    assert len(checks) == len(tests) + 4 * len(SOURCES) + 1, (
        "each dbt test, four for each landed source, and the loss"
    )
    # The sample's producers lose events and send fields that the catalogue does not know, rarely.
    warned = {check.check_name: check for check in checks if not check.passed}
    assert set(warned) <= {"fields_are_known", "loses_less_than_1_in_1000"}
    assert all(check.severity == dg.AssetCheckSeverity.WARN for check in warned.values())


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


def test_landing_says_what_it_did(story: Story) -> None:
    key = dg.AssetKey(["staging", "raw_support_events"])
    with instance_of(story.warehouse) as instance:
        records = instance.fetch_materializations(key, limit=10, ascending=True).records
    first, second = (record.asset_materialization for record in records)
    assert first is not None
    assert second is not None
    metadata = {name: value.value for name, value in first.metadata.items()}
    assert metadata["rows"] == story.truth.delivered
    assert metadata["duplicates"] == story.truth.duplicates
    assert metadata["quarantined/malformed"] == story.truth.quarantined["malformed"]
    assert metadata["bytes"] == sum(
        path.stat().st_size for path in Path(story.warehouse.settings.landing).glob("*/*")
    )
    assert second.metadata["rows"].value == 0


def test_repeated_run_changes_nothing(story: Story) -> None:
    assert story.after == story.before
    assert [build.build_id for build in story.second.builds] == [None]
    assert all(load.read == 0 for load in story.second.loads)


def test_every_fact_and_support_mart_has_rows(story: Story) -> None:
    empty = {table for _, table in story.before if not story.before[_, table]}
    others = ("coding", "product", "ai_", "raw_", "fct_ai_runs", "fct_ai_trigger")
    assert {table for table in empty if not any(word in table for word in others)} == set()


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


def test_listener_heard_of_landing_and_building(story: Story) -> None:
    listener = story.first.listener
    assert isinstance(listener, Listening)
    assert list(dict.fromkeys(listener.works)) == ["Landing support", "Building"]
    assert listener.sentences == ["This build starts from nothing: it is the first."]


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
            period = row[mart.key].isoformat()
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
        question = ask(name, row[of.key].isoformat(), values, story.warehouse.settings.timezone)
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


def test_days_are_computed_again(story: Story) -> None:
    """What somebody broke in the tables of two days is mended by building these days again."""
    with story.warehouse.database.connect() as connection:
        connection.execute(
            "delete from facts.fct_sessions"
            " where started_date between '2025-12-10' and '2025-12-11'"
        )
        connection.execute(
            "update marts.support_kpis_daily set coze_calls = -1 where period_start = '2025-12-11'"
        )
    assert contents(story.warehouse) != story.before
    workplace = Workplace(story.warehouse.settings, Listening())
    days = read_days("2025-12-10", "2025-12-11")
    with reading(story.warehouse.database, slowly=("marts", "support_kpis_daily")) as readings:
        outcome = workplace.build(lambda _: None, days=days)
    assert outcome.build_id is not None
    # Who reads meanwhile sees each table before or after, and waits for none.
    assert readings.errors == []
    assert {len(counts) for counts in readings.counts.values()} == {1, 2}
    assert not outcome.plan.is_full_refresh
    assert contents(story.warehouse) == story.before


def test_half_a_file_fails_its_check_and_changes_nothing(story: Story) -> None:
    """The run goes on to the other files and to the build, and says which could not be read."""
    folder = Path(story.warehouse.settings.landing) / "support"
    whole = gzip.compress(b'{"id": "1"}\n' * 9999)
    broken = folder / "events-broken.ndjson.gz"
    broken.write_bytes(whole[: len(whole) // 2])
    os.utime(broken, (0, 0))
    workplace = Workplace(story.warehouse.settings, Listening())
    run_id = run_daily(workplace)
    failures = [failure for load in workplace.loads for failure in load.failed]
    assert len(failures) == 1
    assert "support/events-broken.ndjson.gz" in failures[0]
    assert contents(story.warehouse) == story.before
    with instance_of(story.warehouse) as instance:
        evaluations = [
            entry.dagster_event.asset_check_evaluation_data
            for entry in instance.all_logs(run_id)
            if entry.dagster_event
            and entry.dagster_event.event_type_value == "ASSET_CHECK_EVALUATION"
        ]
    failed = [
        (check.asset_key.path[-1], check.check_name) for check in evaluations if not check.passed
    ]
    assert failed == [("raw_support_events", "reads_every_object")]


def test_page_of_the_last_complete_month_is_made_and_remembered_once(story: Story) -> None:
    """A run with nothing new leaves the page as it is; made by hand, it is no new version."""
    [first] = story.first.pages
    assert story.second.pages == []
    settings, database = story.warehouse.settings, story.warehouse.database
    second = publish_page(settings, database, say=lambda _: None)
    assert second is not None
    # Other tests of this story build again: from another build, but the same page.
    assert replace(second, build_id=first.build_id) == first
    assert (first.month.isoformat(), first.is_complete) == ("2025-12-01", True)
    with story.warehouse.database.connect() as connection:
        versions = connection.execute(
            "select count(distinct snapshot_id), count(*) filter (where metric = 'sessions'),"
            " max(metric_value) filter (where metric = 'sessions') from marts.report_snapshots"
        ).fetchone()
        sessions = connection.execute(
            "select sessions from marts.support_kpis_monthly where period_start = '2025-12-01'"
        ).fetchone()
    assert sessions is not None
    assert versions == (1, 1, sessions[0])


def test_page_says_what_changed_since_it_was_published_and_why(story: Story) -> None:
    """An older version with other numbers, of a build before anything landed."""
    with story.warehouse.database.connect() as connection:
        connection.execute(
            "with earlier as (insert into staging.builds"
            " (is_full_refresh, after_load_id, max_load_id, business_timezone, as_of,"
            " previous_as_of, definition_sha256)"
            " select true, 0, 0, business_timezone, as_of, previous_as_of, definition_sha256"
            " from staging.builds order by build_id limit 1 returning build_id)"
            " insert into staging.report_snapshots"
            " (period_start, site, build_id, is_complete, assumptions, numbers)"
            " select period_start, 'old', earlier.build_id, true, assumptions, numbers ||"
            ' \'{"support_kpis_monthly.sessions": "1",'
            ' "support_kpis_monthly.tickets_created": "1"}\''
            " from earlier cross join staging.report_snapshots where site = ''"
        )
        marts = Marts(connection, "marts")
        month = replace(marts.read_month(date(2025, 12, 1), None), site="old")
        history = remember(connection, month)
        connection.rollback()
    changed = {change.figure.column: change for change in history.changes}
    assert set(changed) == {"sessions", "tickets_created"}
    assert changed["sessions"].before == 1
    reasons = [changed[name].reasons[0].en for name in ("sessions", "tickets_created")]
    late = [int(reason.split()[0].replace(",", "")) for reason in reasons]
    assert late[0] > late[1] > 0, reasons
    page = render_page(replace(month, site=None), history, "en")
    assert f">{reasons[1]}<" in page


def test_durations_read_the_same_in_sentence_and_tile(story: Story) -> None:
    with story.warehouse.database.connect() as connection:
        month = Marts(connection, "marts").read_month(date(2025, 12, 1), None)
    units = {"s": "秒", "min": "分钟", "h": "小时"}
    for column in ("queue_wait", "agent_first_response", "handle"):
        value = month.values[f"support_kpis_monthly.{column}_seconds_p50"]
        told = write_number(value, "seconds")
        number, unit = told.split()
        assert told in month.case["supervisor_sentence_en"]
        assert f"{number} {units[unit]}" in month.case["supervisor_sentence_zh"]


@pytest.mark.parametrize("language", ["zh", "en", "both"])
def test_page_stands_alone_in_a_real_browser(story: Story, language: Language) -> None:
    """No request, no console error, nothing wider than a phone, no clipped label, A4."""
    page = publish_page(
        story.warehouse.settings,
        story.warehouse.database,
        language=language,
        say=lambda _: None,
    )
    assert page is not None
    assert page.path.stat().st_size < 500_000
    seen = look_at(page.path)
    assert seen.errors == []
    assert seen.requests == [page.path.as_uri()]
    assert seen.overflow == 0
    assert seen.clipped == []
    assert seen.dead_links == []
    assert 2 <= seen.printed_pages <= 12


def test_page_escapes_what_events_bring(story: Story) -> None:
    with story.warehouse.database.connect() as connection:
        marts = Marts(connection, "marts")
        month = marts.read_month(date(2025, 12, 1), None)
        history = remember(connection, month)
        connection.rollback()
    hostile = "<img src=x onerror=alert(1)></svg><script>alert(2)</script>\"'&"
    month.sites.loc[:, "site"] = hostile
    month.escalations.loc[:, "reason"] = hostile
    month.tickets.loc[:, "type"] = hostile
    page = render_page(replace(month, site=None), history, "both")
    assert "<img" not in page
    assert "<script" not in page
    assert page.count("&lt;img") > 2
    assert "<script" not in render_page(replace(month, site=hostile), history, "en")


def test_site_has_a_page_of_its_own_and_an_unknown_one_is_named(story: Story) -> None:
    with story.warehouse.database.connect() as connection:
        site = connection.execute(
            "select site from marts.support_kpis_monthly_by_site order by sessions desc limit 1"
        ).fetchone()
    assert site is not None
    settings, database = story.warehouse.settings, story.warehouse.database
    page = publish_page(settings, database, site=site[0], say=lambda _: None)
    assert page is not None
    assert "support_kpis_monthly_by_site.sessions" in page.path.read_text(encoding="utf-8")
    with pytest.raises(SettingsError, match="There is no site 'nowhere' in 2025-12"):
        publish_page(settings, database, site="nowhere", say=lambda _: None)
    with pytest.raises(SettingsError, match="no numbers of 1999-01: there are months from"):
        publish_page(settings, database, date(1999, 1, 1), say=lambda _: None)
