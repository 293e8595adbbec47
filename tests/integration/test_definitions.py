"""What Dagster is told: one lineage from landed tables to marts, the job, the schedule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.assets import landed_key
from orchestration.definitions import assemble
from orchestration.listeners import Silence
from orchestration.manifests import prepare_manifest
from orchestration.pages.data_model import format_data_model
from orchestration.pages.metrics import find_decisions, format_metrics, read_named_metrics
from orchestration.pages.models import read_models, read_references
from orchestration.resources import Workplace
from orchestration.settings import Settings
from orchestration.sources import SOURCES
from tests.conftest import settings_for

# Parsing the project needs no database.
NOWHERE = "postgresql://nobody@localhost/none"
DOMAINS = {*SOURCES, "qwen_code", "ai_admin"}


@pytest.fixture(scope="module")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("definitions") / "home"
    return settings_for(home, NOWHERE, TIMEZONE="Europe/Berlin")


@pytest.fixture(scope="module")
def definitions(parsed: Settings) -> dg.Definitions:
    return assemble(Workplace(parsed, Silence()))


@pytest.fixture(scope="module")
def manifest(parsed: Settings) -> Mapping[str, Any]:
    read: Mapping[str, Any] = json.loads(prepare_manifest(parsed).read_bytes())
    return read


def test_definitions_are_loadable(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_every_mart_descends_from_a_landed_source(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    landed = {landed_key(source) for source in SOURCES}
    marts = {key for key in graph.get_all_asset_keys() if key.path[0] == "marts"}
    assert len(marts) > 10
    # What Casebook tells of itself: its builds, and the pages it published.
    own = {dg.AssetKey(["marts", name]) for name in ("build_info", "report_snapshots")}
    for mart in marts - own:
        above: set[dg.AssetKey] = set()
        todo = [mart]
        while todo:
            parents = graph.get(todo.pop()).parent_keys - above
            above |= parents
            todo += parents
        assert above & landed, f"{mart.to_user_string()} hangs in the air"


def test_staffing_follows_from_the_half_hours(definitions: dg.Definitions) -> None:
    staffing = definitions.resolve_asset_graph().get(dg.AssetKey(["marts", "staffing_30min"]))
    assert staffing.parent_keys == {dg.AssetKey(["marts", "agent_concurrency_30min"])}
    assert staffing.group_name == "support"


def test_every_asset_has_group_description_kind_and_owner(definitions: dg.Definitions) -> None:
    for spec in definitions.resolve_all_asset_specs():
        name = spec.key.to_user_string()
        assert spec.group_name in {*DOMAINS, "assumptions", "casebook", "reports"}, name
        assert spec.description, name
        assert "postgres" in spec.kinds, name
        assert spec.owners, name


def test_landed_sources_are_checked(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for source in SOURCES:
        checks = graph.get_check_keys_for_assets({landed_key(source)})
        assert {check.name for check in checks} >= {"conserves_lines", "reads_every_object"}


def test_daily_job_is_everything_in_one_process(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("daily")
    assert job.executor_def.name == "in_process"
    steps = {node.name for node in job.nodes}
    assert "warehouse" in steps
    expected = 3 + 2 * len(SOURCES)
    assert len(steps) == expected, "land and check each source, build once, one page, watch"


def test_nightly_schedule_keeps_the_business_zone(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("every_night")
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert schedule.job_name == "daily"
    assert schedule.cron_schedule == "15 2 * * *"
    assert schedule.execution_timezone == "Europe/Berlin"
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING


def test_landing_by_itself_is_off_until_switched_on(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("every_few_minutes")
    sensors = [definitions.resolve_sensor_def(name) for name in ("new_objects", "redis_backlog")]
    assert schedule.job_name == "land"
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    assert {sensor.job_name for sensor in sensors} == {"land"}
    assert {sensor.default_status for sensor in sensors} == {dg.DefaultSensorStatus.STOPPED}


def test_failures_are_told_from_the_start(definitions: dg.Definitions) -> None:
    sensor = definitions.resolve_sensor_def("failure_message")
    assert sensor.default_status == dg.DefaultSensorStatus.RUNNING


def test_full_refresh_builds_everything_and_lands_nothing(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("full_refresh")
    assert {node.name for node in job.nodes} == {"warehouse", "watch"}


def test_marts_have_a_deadline_in_the_business_zone(definitions: dg.Definitions) -> None:
    deadline = dg.FreshnessPolicy.cron(
        deadline_cron="0 6 * * *", lower_bound_delta=timedelta(hours=6), timezone="Europe/Berlin"
    )
    # An increment writes no view.
    views = {"build_info", "report_snapshots"}
    marts = {
        spec.key.path[1]: spec.freshness_policy
        for spec in definitions.resolve_all_asset_specs()
        if spec.key.path[0] == "marts" and "dagster_dbt/unique_id" in spec.metadata
    }
    assert views < marts.keys()
    for name, policy in marts.items():
        assert policy == (None if name in views else deadline), name


def test_an_increment_knows_every_kind_of_model(manifest: Mapping[str, Any]) -> None:
    """It runs the incremental ones: a `table` would stay as the last full refresh left it."""
    others = {
        node["name"]: node["config"]["materialized"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["config"]["materialized"] not in {"incremental", "view", "ephemeral"}
    }
    assert others == {}


def test_every_job_has_a_time_limit(definitions: dg.Definitions) -> None:
    for name in ("daily", "land", "full_refresh", "cleanup"):
        job = definitions.resolve_job_def(name)
        assert int(job.tags["dagster/max_runtime"]) > 0, name


def test_workspace_names_the_definitions() -> None:
    workspace = Path(__file__).parents[2] / "workspace.yaml"
    assert "module_name: orchestration.definitions" in workspace.read_text()


DOCS = Path(__file__).parents[2] / "docs"


def test_pages_of_the_models_are_as_generated(manifest: Mapping[str, Any]) -> None:
    metrics = format_metrics(manifest, DOCS / "decisions")
    assert metrics == (DOCS / "metrics.md").read_text(), "run make pages"
    assert format_data_model(manifest) == (DOCS / "data_model.md").read_text(), "run make pages"


def test_pages_name_every_fact_and_mart_with_each_column(manifest: Mapping[str, Any]) -> None:
    """Against the manifest itself, not what the pages read of it."""
    pages = {layer: (DOCS / page).read_text() for layer, page in PAGES.items()}
    for node in manifest["nodes"].values():
        page = pages.get(node["fqn"][1]) if node["resource_type"] == "model" else None
        if page is not None:
            assert f"[{node['name']}](../{node['original_file_path']})" in page
            assert [name for name in node["columns"] if f"| `{name}` |" not in page] == []


PAGES = {"facts": "data_model.md", "marts": "metrics.md"}


def test_every_tested_relationship_between_facts_is_a_full_line(
    manifest: Mapping[str, Any],
) -> None:
    held = {
        (node["attached_node"].split(".")[-1], node["test_metadata"]["kwargs"]["to"])
        for node in manifest["nodes"].values()
        if (node.get("test_metadata") or {}).get("name") == "relationships"
        and node["attached_node"].startswith("model.")
    }
    references = read_references(manifest, read_models(manifest))
    tested = {(r.child, f"ref('{r.parent}')") for r in references if r.is_tested}
    assert len(held) > 4
    assert tested == held


def test_contested_numbers_lead_to_their_decision() -> None:
    named = read_named_metrics(DOCS / "decisions")
    assert find_decisions("ai_durable_resolution_rate", named) == ["resolved.md"]
    assert find_decisions("queue_wait_seconds_p50", named) == ["first-response.md"]
    assert find_decisions("ai_response_ms_p95", named) == ["first-response.md"]
    assert find_decisions("net_savings_base", named) == ["savings.md"]
    assert find_decisions("sessions", named) == []


def test_report_job_has_a_partition_for_each_month_of_the_business_zone(
    definitions: dg.Definitions,
) -> None:
    job = definitions.resolve_job_def("report")
    partitions = job.partitions_def
    assert isinstance(partitions, dg.MonthlyPartitionsDefinition)
    assert partitions.timezone == "Europe/Berlin"
    assert "2025-12-01" in partitions.get_partition_keys()
    assert definitions.resolve_job_def("daily").partitions_def is None
