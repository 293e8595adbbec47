"""The back office's tables, as it changes between loads, equal those of a full refresh."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg.rows import dict_row

from orchestration.samples.back_office import BackOffice, create_back_office

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
    "update biz.ai_run_logs set alert_status = ' Pending', updated_at = now()"
    " where alert_status = 'acknowledged' and id % 2 = 0",
    "update biz.ai_budget_limits set token_limit = 1 where period = 'daily'",
    "insert into biz.ai_run_logs (site_id, app_type, status, created_at)"
    " values ('new-01', 'app9_unheard_of', 'success', '2025-12-31 11:00+00')",
)
# What the back office would say of itself, from its rows as they are.
SUCCESS, FAILED = "status in ('success')", "status in ('failed', 'timeout')"
OF_SITES = """
    left join biz.site_calendar using (site_id)
    cross join lateral (
        select (
            (rows.created_at at time zone coalesce(tz, 'Asia/Shanghai'))
            - coalesce(day_cutoff::interval, interval '0')
        )::date as business_date
    ) as days
    group by site_id, business_date
"""
DASHBOARD = f"""
    select
        site_id,
        business_date,
        count(*) as calls,
        count(*) filter (where {SUCCESS}) as success_calls,
        count(*) filter (where {FAILED}) as failed_calls,
        count(*) filter (where {SUCCESS} and tokens_used = 0) as unmeasured_calls,
        sum(tokens_used) filter (where not ({SUCCESS}) or tokens_used > 0)::numeric as tokens,
        avg(latency_ms::numeric) as avg_latency_ms
    from biz.ai_run_logs as rows {OF_SITES}
""".encode()  # noqa: S608 - of constants
TRIGGER_JOBS = f"""
    select
        site_id,
        business_date,
        count(*) as jobs,
        count(*) filter (where status = 'skipped_duplicate') as skipped_duplicates,
        count(*) filter (where is_forced) as forced_jobs
    from biz.ai_trigger_jobs as rows {OF_SITES}
""".encode()  # noqa: S608 - of constants


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


def check_dashboard(warehouse: Warehouse, days: list[dict[str, Any]]) -> None:
    """Hold each site's days against what the back office's own rows come to."""
    marts = {
        (row["site_id"], row["business_date"]): row
        for row in warehouse.rows("marts", "ai_dashboard_daily")
        if row["calls"] and row["site_id"] != "(all)"
    }
    assert {(day["site_id"], day["business_date"]) for day in days} == marts.keys()
    for day in days:
        row = marts[day["site_id"], day["business_date"]]
        assert {name: row[name] for name in day} == day
    for usage in warehouse.rows("marts", "ai_budget_usage"):
        used = [
            Decimal(str(row["tokens"]))
            for row in marts.values()
            if row["tokens"] is not None
            and row["site_id"] == usage["site_id"]
            and str(usage["period_start"]) <= str(row["business_date"]) <= str(usage["today_date"])
        ]
        assert (usage["used_tokens"] or 0) == sum(used), usage


def check_trigger_jobs(warehouse: Warehouse, days: list[dict[str, Any]]) -> None:
    """Hold each site's trigger jobs likewise; a day without any is there."""
    rows = [
        row
        for row in warehouse.rows("marts", "ai_trigger_jobs_daily")
        if row["event_type"] == "(all)" and row["site_id"] != "(all)"
    ]
    counted = {(row["site_id"], row["business_date"]): row for row in rows if row["jobs"]}
    assert {(day["site_id"], day["business_date"]) for day in days} == counted.keys()
    for day in days:
        row = counted[day["site_id"], day["business_date"]]
        assert {name: row[name] for name in day} == day
    assert len({row["site_id"] for row in rows if row["is_today"]}) == 3


def test_ai_admin_tables_follow_the_back_office(
    new_warehouse: WarehouseFactory, office_url: str
) -> None:
    warehouse = new_warehouse("back_office_copy")
    warehouse.load("ai_admin", office_url)
    warehouse.build(only=MODELS)
    for half in (CHANGES[:4], CHANGES[4:]):
        with psycopg.connect(office_url) as office:
            for change in half:
                office.execute(change.encode())
        warehouse.load("ai_admin", office_url)
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
    with psycopg.connect(office_url, row_factory=dict_row) as office:
        check_dashboard(warehouse, office.execute(DASHBOARD).fetchall())
        check_trigger_jobs(warehouse, office.execute(TRIGGER_JOBS).fetchall())
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
    opened_again = [
        r
        for r in warehouse.rows("facts", "fct_ai_runs")
        if r["alert_status"] == "pending" and r["version_count"] == 3
    ]
    assert opened_again
    assert {(r["alert_handled_at"], r["is_alert_opening_observed"]) for r in opened_again} == {
        (None, True)
    }
    cells = {
        row["total_cells"]
        for row in warehouse.rows("marts", "ai_prewarm_progress")
        if row["app_type"] == "(all)"
    }
    assert cells == {72}
