"""The back office's tables, as it changes between loads, equal those of a full refresh."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from orchestration.samples.back_office import BackOffice, create_back_office
from raw_loaders.loading import LoadOptions, load_source
from tests.property.warehouses import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestration.database import Database
    from tests.pipeline.conftest import WarehouseFactory
    from tests.property.warehouses import Warehouse

LAYERS = ("staging", "intermediate", "facts", "marts")
MODELS = (
    "path:dbt_project/models/staging/casebook",
    "path:dbt_project/seeds/ai_admin",
    *(f"path:dbt_project/models/{layer}/ai_admin" for layer in LAYERS),
)
# What happens in the back office between two loads.
CHANGES = (
    "update biz.ai_run_logs set status = 'success', finished_at = created_at, updated_at = null"
    " where status = 'running' and id % 2 = 0",
    "update biz.ai_run_logs set alert_status = 'acknowledged', updated_at = now()"
    " where alert_status = 'pending'",
    "update biz.ai_trigger_jobs set status = 'made up' where id % 7 = 0",
    "update biz.site_calendar set day_cutoff = '06:30' where site_id = 'ber-01'",
    "delete from biz.ai_cache where area = 'all'",
    "update biz.ai_budget_limits set token_limit = 1 where period = 'daily'",
    "insert into biz.ai_run_logs (site_id, app_type, status, created_at)"
    " values ('new-01', 'app9_unheard_of', 'success', '2025-12-31 11:00+00')",
)


@pytest.fixture
def office_url(server: Database) -> Iterator[str]:
    """A database of the same server with a made-up back office."""
    url = urlunsplit(urlsplit(server.url)._replace(path="/back_office_pipeline"))
    with server.connect(autocommit=True) as connection:
        connection.execute("create database back_office_pipeline")
        with psycopg.connect(url) as office:
            create_back_office(office, replace(BackOffice(), days=5, runs_per_day=24))
        yield url
        connection.execute("drop database back_office_pipeline with (force)")


def land(warehouse: Warehouse, url: str) -> None:
    options = LoadOptions(
        landing=warehouse.settings.landing,
        timezone=warehouse.settings.timezone,
        keys=KEYS,
        ai_admin_url=url,
    )
    load_source("ai_admin", warehouse.database.connect, options).raise_failures()


def test_ai_admin_tables_follow_the_back_office(
    new_warehouse: WarehouseFactory, office_url: str
) -> None:
    warehouse = new_warehouse("back_office_copy")
    land(warehouse, office_url)
    warehouse.build(only=MODELS)
    for half in (CHANGES[:4], CHANGES[4:]):
        with psycopg.connect(office_url) as office:
            for change in half:
                office.execute(change.encode())
        land(warehouse, office_url)
        warehouse.build(only=MODELS)
    tables = [table for table in warehouse.tables() if "ai_" in table[1]]
    assert len(tables) == 12
    before = {table: warehouse.row_texts(*table) for table in tables}
    warehouse.build(full_refresh=True, only=MODELS)
    for table in tables:
        assert warehouse.row_texts(*table) == before[table], table
    with psycopg.connect(office_url) as office:
        counts = office.execute("select count(*), count(distinct site_id) from biz.ai_run_logs")
        assert counts.fetchone() == (len(warehouse.rows("facts", "fct_ai_runs")), 3)
    apps = {row["app_type"] for row in warehouse.rows("marts", "ai_app_health")}
    assert len(apps) == 9
    unmapped = [
        r for r in warehouse.rows("facts", "fct_ai_trigger_jobs") if not r["is_status_known"]
    ]
    assert {(row["status"], row["status_category"]) for row in unmapped} == {("made up", "other")}
    (alert, *_) = [
        r for r in warehouse.rows("marts", "ai_alerts") if r["is_alert_handling_observed"]
    ]
    assert float(str(alert["minutes_to_acknowledge"])) > 0
    cells = {
        row["total_cells"]
        for row in warehouse.rows("marts", "ai_prewarm_progress")
        if row["app_type"] == "(all)"
    }
    assert cells == {72}
