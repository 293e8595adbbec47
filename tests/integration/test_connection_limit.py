"""A server that takes no more sessions is told, and is no error of the settings."""

from __future__ import annotations

from contextlib import ExitStack, suppress

import psycopg
import pytest

from orchestration.database import Database
from raw_loaders.errors import RetriableError


def test_full_server_is_told_as_busy(server: Database, warehouse: Database) -> None:
    with server.connect() as connection:
        row = connection.execute("show max_connections").fetchone()
    assert row is not None
    with ExitStack() as sessions:
        with suppress(psycopg.OperationalError):
            for _ in range(int(row[0]) + 1):
                sessions.enter_context(psycopg.connect(server.url))
        with pytest.raises(RetriableError, match=r"is busy .*too many clients.*try again later"):
            warehouse.connect()
    with warehouse.connect() as connection:
        assert connection.execute("select 1").fetchone() == (1,)
