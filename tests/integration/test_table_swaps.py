"""A new table takes the old one's name although somebody reads the old one."""

from __future__ import annotations

import pytest

from orchestration import table_swaps
from orchestration.database import Database
from orchestration.table_swaps import swap_table
from raw_loaders.errors import RetriableError

MAKE = """
create table marts.plan as select 'old' as state;
create table marts.plan__fresh as select 'new' as state;
"""


def test_swap_waits_for_the_reader_in_short_tries(warehouse: Database) -> None:
    tries: list[float] = []
    with warehouse.connect() as reader, warehouse.connect(autocommit=True) as connection:
        connection.execute(MAKE)
        reader.execute("select * from marts.plan")

        def sleep(seconds: float) -> None:
            """Let another reader in, as between two tries, then end the slow one."""
            tries.append(seconds)
            with warehouse.connect() as other:
                other.execute("set lock_timeout to '100ms'")
                assert other.execute("select state from marts.plan").fetchone() == ("old",)
            if len(tries) == 2:
                reader.rollback()

        with connection.transaction():
            swap_table(connection, "marts", "plan__fresh", "plan", sleep)
        assert len(tries) == 2
        assert connection.execute("select state from marts.plan").fetchone() == ("new",)


def test_swap_gives_up_at_last(warehouse: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_swaps, "TRIES", 2)
    with warehouse.connect() as reader, warehouse.connect(autocommit=True) as connection:
        connection.execute(MAKE)
        reader.execute("select * from marts.plan")
        with pytest.raises(RetriableError, match=r"marts\.plan is read all the time"):
            swap_table(connection, "marts", "plan__fresh", "plan", lambda _: None)
