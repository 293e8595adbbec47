"""Bytes of rejected lines are kept for their time, and their record for ever."""

from __future__ import annotations

from orchestration.database import Database
from raw_loaders.quarantine import expire_raw_quarantine


def test_only_bytes_whose_time_is_over_are_deleted(warehouse: Database) -> None:
    with warehouse.connect() as connection:
        connection.execute(
            "insert into staging.quarantine_raw values"
            " (1, 'old', now() - interval '1 second'), (2, 'young', now() + interval '1 day')"
        )
    with warehouse.connect(role="eraser") as connection:
        assert connection.execute("select current_user").fetchone() == ("casebook_eraser",)
        assert expire_raw_quarantine(connection) == 1
        assert expire_raw_quarantine(connection) == 0
    with warehouse.connect(role="quarantine_reader") as connection:
        left = connection.execute("select quarantine_id from staging.quarantine_raw").fetchall()
    assert left == [(2,)]
