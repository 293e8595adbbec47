"""The bundle that `superset import-directory` reads: a YAML text per dataset, chart and dashboard.

Each has a name that stays, so that a second import replaces the first.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from bi.superset.charts import DRAWINGS, draw
from bi.superset.definitions import Chart, Dashboard, Dataset
from orchestration import staffing_tables
from orchestration.pages.models import Column, Model, read_models
from raw_loaders.errors import CasebookError

NAMESPACE = uuid.UUID("6f0cf1d4-64a5-4f0c-9a2b-0a3b8f7d1c55")
DATABASE = "Casebook"
VERSION = "1.0.0"
# Postgres types that hold a moment.
TIMES = ("date", "timestamp")


def name_uuid(kind: str, name: str) -> str:
    """Give the name that an asset has in every Superset."""
    return str(uuid.uuid5(NAMESPACE, f"{kind}/{name}"))


def read_marts(manifest: Mapping[str, Any]) -> dict[str, Model]:
    """Give the marts by name: dbt's, and the one that Python writes."""
    marts = {
        model.name: model for model in read_models(manifest).values() if model.layer == "marts"
    }
    columns = tuple(
        Column(name, kind, text) for name, (kind, text) in staffing_tables.COLUMNS.items()
    )
    name = staffing_tables.TABLE
    marts[name] = Model(
        unique_id=name,
        name=name,
        path="orchestration/staffing_tables.py",
        layer="marts",
        domain="support",
        description=staffing_tables.DESCRIPTION,
        columns=columns,
        key=("slot_start",),
        parents=(),
    )
    return marts


def write_bundle(
    dashboards: Sequence[Dashboard], marts: Mapping[str, Model], url: str
) -> dict[str, str]:
    """Give the bundle's files by path; `url` is that of the login the charts read with.

    The database's file holds its password. Raises `CasebookError` for a column that a mart has not.
    """
    charts = {_key(board, chart): chart for board in dashboards for chart in board.charts}
    datasets = {chart.dataset.name: chart.dataset for chart in charts.values()}
    for chart in charts.values():
        _check(chart, marts)
    files = {
        "metadata.yaml": {"version": VERSION, "timestamp": datetime.now(UTC).isoformat()},
        f"databases/{DATABASE}.yaml": _database(url),
    }
    for name, dataset in datasets.items():
        files[f"datasets/{DATABASE}/{name}.yaml"] = _dataset(dataset, marts[dataset.mart])
    for key, chart in charts.items():
        files[f"charts/{key.replace('/', '_')}.yaml"] = _chart(key, chart)
    for board in dashboards:
        files[f"dashboards/{board.slug}.yaml"] = _dashboard(board)
    return {
        path: yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        for path, content in files.items()
    }


def save_bundle(files: Mapping[str, str], folder: Path) -> None:
    """Write the files below `folder`, which others may not read."""
    folder.mkdir(mode=0o700, parents=True)
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _key(board: Dashboard, chart: Chart) -> str:
    return f"{board.slug}/{board.charts.index(chart):02}"


def _check(chart: Chart, marts: Mapping[str, Model]) -> None:
    mart = marts.get(chart.dataset.mart)
    if mart is None:
        raise CasebookError(f"Chart {chart.title!r}: there is no mart {chart.dataset.mart}.")
    known = {column.name for column in mart.columns}
    if unknown := [name for name in chart.columns if name not in known]:
        raise CasebookError(f"Chart {chart.title!r}: {mart.name} has no column {unknown[0]}.")


def _database(url: str) -> dict[str, Any]:
    return {
        "database_name": DATABASE,
        "sqlalchemy_uri": url.replace("postgresql://", "postgresql+psycopg2://", 1),
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "extra": {"allows_virtual_table_explore": True},
        "uuid": name_uuid("database", DATABASE),
        "version": VERSION,
    }


def _dataset(dataset: Dataset, mart: Model) -> dict[str, Any]:
    times = [column.name for column in mart.columns if column.data_type.startswith(TIMES)]
    return {
        "table_name": dataset.name,
        "schema": "marts",
        "sql": dataset.sql,
        "description": mart.description,
        "main_dttm_col": times[0] if times else None,
        "filter_select_enabled": True,
        "columns": [
            {
                "column_name": column.name,
                "verbose_name": dataset.labels.get(column.name),
                "type": column.data_type.upper(),
                "is_dttm": column.name in times,
                "is_active": True,
                "groupby": True,
                "filterable": True,
                "description": column.description,
            }
            for column in mart.columns
        ],
        "metrics": [
            {
                "metric_name": metric.name,
                "verbose_name": metric.label,
                "expression": metric.sql,
                "d3format": metric.form,
            }
            for metric in dataset.metrics.values()
        ],
        "uuid": name_uuid("dataset", dataset.name),
        "database_uuid": name_uuid("database", DATABASE),
        "version": VERSION,
    }


def _chart(key: str, chart: Chart) -> dict[str, Any]:
    return {
        "slice_name": chart.title,
        "viz_type": DRAWINGS[chart.kind],
        "params": draw(chart),
        "uuid": name_uuid("chart", key),
        "dataset_uuid": name_uuid("dataset", chart.dataset.name),
        "version": VERSION,
    }


def _dashboard(board: Dashboard) -> dict[str, Any]:
    return {
        "dashboard_title": board.title,
        "slug": board.slug,
        "published": True,
        "metadata": {"color_scheme": "supersetColors", "cross_filters_enabled": True},
        "position": _arrange(board),
        "uuid": name_uuid("dashboard", board.slug),
        "version": VERSION,
    }


def _arrange(board: Dashboard) -> dict[str, Any]:
    """Give Superset's tree of rows and charts, by the id of each node."""
    nodes: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": board.title}},
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
    }
    rows = []
    for number, (height, charts) in enumerate(board.rows):
        row = f"ROW-{number}"
        rows.append(row)
        cells = {f"CHART-{number}-{place}": chart for place, chart in enumerate(charts)}
        parents = ["ROOT_ID", "GRID_ID"]
        nodes[row] = {
            "id": row,
            "type": "ROW",
            "children": list(cells),
            "parents": parents,
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for cell, chart in cells.items():
            nodes[cell] = {
                "id": cell,
                "type": "CHART",
                "children": [],
                "parents": [*parents, row],
                "meta": {
                    # The import puts its own in the place of ours.
                    "chartId": board.charts.index(chart) + 1,
                    "uuid": name_uuid("chart", _key(board, chart)),
                    "sliceName": chart.title,
                    "width": chart.width,
                    "height": height,
                },
            }
    nodes["GRID_ID"] = {
        "id": "GRID_ID", "type": "GRID", "children": rows, "parents": ["ROOT_ID"],
    }  # fmt: skip
    return nodes
