"""MetricFlow's own SQL for a metric, run on a warehouse of a test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlClient, SqlEngine
from metricflow.sql.render.postgres import PostgresSQLSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import (
    parse_manifest_from_dbt_generated_manifest,
)
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

if TYPE_CHECKING:
    from datetime import date

    import psycopg


class _Dialect:
    """What the engine needs of a client to write SQL; psycopg runs it."""

    sql_engine_type = SqlEngine.POSTGRES
    sql_plan_renderer = PostgresSQLSqlPlanRenderer()


def open_engine(manifest: Path) -> MetricFlowEngine:
    """Give an engine for the semantic manifest that dbt wrote beside `manifest`."""
    text = manifest.with_name("semantic_manifest.json").read_text()
    # dbt parsed without a database; Postgres wants none named.
    parsed = parse_manifest_from_dbt_generated_manifest(text.replace('\\"warehouse\\".', ""))
    return MetricFlowEngine(SemanticManifestLookup(parsed), cast("SqlClient", _Dialect()))


def query_months(
    engine: MetricFlowEngine, connection: psycopg.Connection, metric: str
) -> dict[date, float | None]:
    """Give `metric` per first day of a month, as `mf query --group-by metric_time__month`."""
    request = MetricFlowQueryRequest.create(
        metric_names=[metric], group_by_names=["metric_time__month"]
    )
    sql = engine.explain(request).sql_statement.sql
    rows = connection.execute(sql.encode()).fetchall()
    return {month.date(): None if value is None else float(value) for month, value in rows}
