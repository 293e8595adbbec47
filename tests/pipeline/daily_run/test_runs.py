"""What a run does: all assets and checks once, nothing twice, broken days again."""

from __future__ import annotations

import json

import dagster as dg

from orchestration.manifests import prepare_manifest
from orchestration.rebuilt_days import read_days
from orchestration.resources import Workplace
from orchestration.sources import SOURCES
from tests.pipeline.daily_run.stories import Listening, Story, contents, instance_of
from tests.pipeline.readers import reading

# Of dbt's nodes: tests are checks, hooks are neither.
WRITTEN = {"model", "seed"}


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


def test_listener_heard_of_landing_and_building(story: Story) -> None:
    listener = story.first.listener
    assert isinstance(listener, Listening)
    assert list(dict.fromkeys(listener.works)) == ["Landing support", "Building"]
    assert listener.sentences == ["This build starts from nothing: it is the first."]


def test_repeated_run_changes_nothing(story: Story) -> None:
    assert story.after == story.before
    assert [build.build_id for build in story.second.builds] == [None]
    assert all(load.read == 0 for load in story.second.loads)


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
