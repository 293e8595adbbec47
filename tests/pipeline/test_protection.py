"""Roles over a warehouse that Casebook built, once live and once as of a past instant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from orchestration.database import Database, open_database
from orchestration.roles import bi_url
from tests.conftest import _create_database, _url, settings_for
from tests.pipeline.conftest import drop
from tests.property.warehouses import Warehouse
from tests.protection.rights import find_wrong_rights

NAME = "protected"
FEW = ("stg_casebook__builds", "stg_support__events", "int_sessions_touched", "fct_messages")
PAST = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def protected(server: Database, session_home: Path) -> Iterator[Warehouse]:
    """A warehouse with all that migrations give: rights of a database are in no template."""
    _create_database(server, NAME)
    home = session_home / NAME
    home.mkdir()
    settings = settings_for(home, _url(server, NAME))
    warehouse = Warehouse(settings, open_database(settings))
    warehouse.build()
    # Swaps tables, and makes schemas: the rights must be those of the first build.
    warehouse.build(full_refresh=True, only=FEW)
    warehouse.at(PAST).build(only=FEW)
    yield warehouse
    with server.connect(autocommit=True) as connection:
        drop(connection, NAME)
        connection.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(f"{NAME}_bi")))


def test_roles_may_do_what_is_expected_with_every_object(protected: Warehouse) -> None:
    with protected.database.connect() as connection:
        assert find_wrong_rights(connection) == []


def test_rights_of_an_unknown_table_are_a_failure(protected: Warehouse) -> None:
    with protected.database.connect() as connection:
        connection.execute("create table staging.unheard_of (a int)")
        connection.execute("grant select on facts.fct_sessions to casebook_loader")
        wrong = find_wrong_rights(connection)
        connection.rollback()
    assert [line.partition(":")[0] for line in wrong] == [
        "facts.fct_sessions",
        "staging.unheard_of is not in tests/protection/rights.py",
    ]


def test_bi_login_reads_marts_and_nothing_else(protected: Warehouse) -> None:
    url = bi_url(protected.settings, protected.database)
    assert bi_url(protected.settings, protected.database) == url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("select count(*) from marts.support_kpis_daily")
        assert connection.execute("show statement_timeout").fetchone() == ("1min",)
        for statement in (
            "select * from staging.raw_support_events",
            "select * from staging.quarantine_raw",
            "select * from intermediate.int_sessions_touched",
            "create temporary table mine (a int)",
            "delete from marts.support_kpis_daily",
            "set default_transaction_read_only = off; delete from marts.support_kpis_daily",
        ):
            with pytest.raises(
                (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
            ):
                connection.execute(statement)
