"""The schema steps on a real server."""

from __future__ import annotations

import threading
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from orchestration.database import Database, open_database
from orchestration.migrations import known_revisions
from orchestration.settings import Settings
from raw_loaders.errors import SettingsError
from tests.conftest import _url, settings_for


def test_migrations_are_recorded(connection: psycopg.Connection) -> None:
    rows = connection.execute("select version_num from staging.alembic_version").fetchall()
    assert rows == [(known_revisions()[-1],)]


def test_migrations_of_a_newer_casebook_are_refused(
    warehouse: Database, settings: Settings
) -> None:
    with warehouse.connect() as connection:
        connection.execute("update staging.alembic_version set version_num = '9999'")
    with pytest.raises(SettingsError, match="revision 9999 by a newer Casebook"):
        open_database(settings)


def test_database_that_cannot_hold_every_text_is_refused(server: Database, tmp_path: Path) -> None:
    with server.connect(autocommit=True) as connection:
        connection.execute(
            "create database ascii encoding 'SQL_ASCII' locale_provider libc locale 'C'"
            " template template0"
        )
    try:
        with pytest.raises(SettingsError, match="ascii is encoded in SQL_ASCII"):
            open_database(settings_for(tmp_path / "home", _url(server, "ascii")))
    finally:
        with server.connect(autocommit=True) as connection:
            connection.execute("drop database ascii with (force)")


def test_migrations_of_many_processes_at_once_apply_once(
    server: Database, warehouse: Database, settings: Settings
) -> None:
    with warehouse.connect() as connection:
        for schema in ("staging", "intermediate", "facts", "marts", "seeds"):
            connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
    failures: list[BaseException] = []

    def open_once() -> None:
        try:
            open_database(settings)
        except BaseException as error:  # noqa: BLE001 - handed to the test's thread
            failures.append(error)

    threads = [threading.Thread(target=open_once) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with warehouse.connect() as connection:
        rows = connection.execute("select version_num from staging.alembic_version").fetchall()
    assert rows == [(known_revisions()[-1],)]


def test_bi_readers_see_tables_that_come_later(connection: psycopg.Connection) -> None:
    connection.execute("create table marts.later (a int)")
    connection.execute("set local role casebook_bi_reader")
    assert connection.execute("select count(*) from marts.later").fetchone() == (0,)


@pytest.mark.parametrize("table", ["raw_support_events", "quarantine", "quarantine_raw"])
def test_bi_readers_do_not_see_staging(connection: psycopg.Connection, table: str) -> None:
    connection.execute("set local role casebook_bi_reader")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(sql.SQL("select count(*) from staging.{}").format(sql.Identifier(table)))
