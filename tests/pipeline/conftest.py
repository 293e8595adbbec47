"""Warehouses for whole builds: databases by name, dropped and made again for each world.

A world keeps the names and homes of the one before it, so that dbt need not parse again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from orchestration.database import Database
from orchestration.settings import Settings
from tests.conftest import _url, settings_for
from tests.property.warehouses import Warehouse

WarehouseFactory = Callable[..., Warehouse]


@pytest.fixture(scope="session")
def new_warehouse(
    server: Database, template: str, session_home: Path
) -> Iterator[WarehouseFactory]:
    """Give an empty warehouse of a name; an earlier one of that name is gone."""
    names: set[str] = set()

    def make(name: str, **values: str) -> Warehouse:
        names.add(name)
        home = session_home / name
        home.mkdir(exist_ok=True)
        shutil.rmtree(home / "landing", ignore_errors=True)
        with server.connect(autocommit=True) as connection:
            drop(connection, name)
            connection.execute(
                sql.SQL("create database {} template {}").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
            # A copy has the template's schemas and their rights, but not the database's own.
            connection.execute(
                sql.SQL("grant create on database {} to casebook_owner").format(
                    sql.Identifier(name)
                )
            )
        settings: Settings = settings_for(home, _url(server, name), **values)
        return Warehouse(settings, Database(_url(server, name), is_embedded=False))

    yield make
    with server.connect(autocommit=True) as connection:
        for name in names:
            drop(connection, name)


def drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(
        sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    )
