"""Landing and one build on the oldest Postgres at hand that Casebook says it supports."""

from __future__ import annotations

from pathlib import Path

import psycopg

from orchestration.listeners import Silence
from orchestration.resources import Workplace
from orchestration.samples.centres import Centre
from orchestration.samples.writers import write_sample
from orchestration.sources import SOURCES
from tests.conftest import settings_for
from tests.pipeline.other_servers import find_oldest, running_postgres
from tests.property.warehouses import Warehouse
from tests.protection.rights import find_wrong_rights

CENTRE = Centre(days=2, sessions_per_day=4, seed=5)


def test_warehouse_is_landed_and_built(tmp_path: Path) -> None:
    with running_postgres(find_oldest()) as url:
        settings = settings_for(tmp_path / "home", url, SETTLE_SECONDS="0")
        truth = write_sample(CENTRE, Path(settings.landing), prefix="events-")
        workplace = Workplace(settings, Silence())
        for source in SOURCES:
            workplace.land(source)
        Warehouse(settings, workplace.database).build()
        with psycopg.connect(url) as connection:
            landed = connection.execute(
                "select count(*) from staging.raw_support_events"
            ).fetchone()
            sessions = connection.execute(
                "select count(*), (select sum(sessions) from marts.support_kpis_daily)"
                " from facts.fct_sessions"
            ).fetchone()
            assert landed == (truth.delivered,)
            assert sessions is not None
            assert sessions[0] == sessions[1] > 0
            assert find_wrong_rights(connection) == []
