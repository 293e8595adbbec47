"""The dashboards' definitions against the marts' contracts; no Superset is needed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from bi.superset.bundles import save_bundle, write_bundle
from bi.superset.definitions import FOLDER, Metric, read_dashboards
from orchestration import staffing_tables
from orchestration.dbt_runs import PROJECT
from orchestration.pages.models import Column, Model
from raw_loaders.errors import CasebookError

MARTS = PROJECT / "dbt_project" / "models" / "marts"
URL = "postgresql://casebook_bi:secret@127.0.0.1:5432/casebook"


@pytest.fixture(scope="module")
def marts() -> dict[str, Model]:
    """The marts as their files declare them, without dbt."""
    found = {}
    for path in MARTS.glob("*/*.yml"):
        for model in yaml.safe_load(path.read_text()).get("models", []):
            columns = [(of["name"], of["data_type"]) for of in model["columns"]]
            found[model["name"]] = _model(model["name"], columns)
    planned = [(name, kind) for name, (kind, _) in staffing_tables.COLUMNS.items()]
    return found | {staffing_tables.TABLE: _model(staffing_tables.TABLE, planned)}


def _model(name: str, columns: list[tuple[str, str]]) -> Model:
    told = tuple(Column(column, kind, "") for column, kind in columns)
    return Model(name, name, "", "marts", "support", "", told, (), ())


def test_every_chart_reads_columns_that_its_mart_has(marts: Mapping[str, Model]) -> None:
    boards = read_dashboards()
    assert [board.slug for board in boards] == ["management", "supervisor", "ai-operations"]
    files = write_bundle(boards, marts, URL)
    charts = [path for path in files if path.startswith("charts/")]
    assert len(charts) == sum(len(board.charts) for board in boards)
    datasets = {
        yaml.safe_load(text)["uuid"] for path, text in files.items() if path.startswith("datasets/")
    }
    assert {yaml.safe_load(files[path])["dataset_uuid"] for path in charts} == datasets
    for board in boards:
        for _, row in board.rows:
            assert sum(chart.width for chart in row) == 12, board.slug


def test_bundle_is_the_same_again_and_keeps_the_login_in_one_file(
    marts: Mapping[str, Model], tmp_path: Path
) -> None:
    first, second = (write_bundle(read_dashboards(), marts, URL) for _ in range(2))
    del first["metadata.yaml"], second["metadata.yaml"]
    assert first == second
    assert [path for path, text in first.items() if "secret" in text] == ["databases/Casebook.yaml"]
    save_bundle(first, tmp_path / "bundle")
    assert (tmp_path / "bundle").stat().st_mode & 0o077 == 0


def test_rate_is_a_sum_by_a_sum_and_null_without_any() -> None:
    rate = Metric("rate", "Rate", "met / decided", ".1%")
    assert rate.sql == "sum(met)::double precision / nullif(sum(decided), 0)"
    assert Metric("p50", "Median", "= wait_p50", ",d").sql == "max(wait_p50)"


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("dashboards.yml", "[conversations]", "[talks]", "has no metric talks"),
        ("dashboards.yml", "kind: heat", "kind: pie", "pie is none of number"),
        ("datasets.yml", "sla_met_tickets /", "sla_met /", "has no column sla_met"),
        ("datasets.yml", "mart: staffing_30min", "mart: staffing", "there is no mart staffing"),
    ],
)
def test_name_that_is_not_there_is_said(
    marts: Mapping[str, Model], tmp_path: Path, file: str, old: str, new: str, sentence: str
) -> None:
    for path in FOLDER.glob("*.yml"):
        text = path.read_text()
        (tmp_path / path.name).write_text(text.replace(old, new) if path.name == file else text)
    with pytest.raises(CasebookError, match=sentence):
        write_bundle(read_dashboards(tmp_path), marts, URL)


def test_exposures_name_the_marts_that_the_dashboards_read() -> None:
    exposures = {
        of["name"]: of for of in yaml.safe_load((MARTS / "exposures.yml").read_text())["exposures"]
    }
    for board in read_dashboards():
        read = {chart.dataset.mart for chart in board.charts} - {staffing_tables.TABLE}
        exposure = exposures[f"{board.slug.replace('-', '_')}_dashboard"]
        assert exposure["depends_on"] == [f"ref('{mart}')" for mart in sorted(read)]


def test_requirements_are_pinned_and_name_no_host() -> None:
    text = (FOLDER / "requirements.txt").read_text()
    pins = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==\S+", text, re.MULTILINE)
    assert len(pins) > 100
    assert "://" not in text
    assert "apache-superset==" in text
    assert json.dumps(pins).count("==") == len(pins)
