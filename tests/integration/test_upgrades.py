"""A warehouse of each earlier release, with data, is brought forward by the next command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from orchestration.database import Database, open_database
from orchestration.migrations import known_revisions, upgrade_to
from orchestration.roles import assume_role
from tests.conftest import _create_database, _url, settings_for
from tests.landing_parts.events import make_event
from tests.pipeline.conftest import drop
from tests.property.warehouses import Warehouse
from tests.protection.rights import find_wrong_rights

NAME = "upgraded"
# What every release wrote: a load with an event and a rejected line, and a build of it.
LANDED = """
insert into staging.objects (source, object, sha256, bytes)
values ('support', 'support/a.ndjson', 'ab', 12);
insert into staging.loads (
    object_id, start_offset, end_offset, end_line_number,
    read_count, landed_count, duplicate_count, quarantined_count,
    is_last, hash_key_id, catalogue_sha256
)
values (1, 0, 12, 2, 2, 1, 0, 1, true, 'k', 'c');
insert into staging.load_counts (load_id, outcome, line_count)
values (1, 'landed', 1), (1, 'quarantined', 1);
insert into staging.quarantine (
    load_id, source, object_id, line_number, byte_offset, byte_length, sha256, reason, detail
)
values (1, 'support', 1, 2, 6, 6, 'cd', 'malformed', 'not JSON');
insert into staging.quarantine_raw values (1, 'x', '2026-01-01');
insert into staging.raw_support_events (
    load_id, occurred_at, event_key, line_number, producer, event_id, event_name, entity_id,
    session_id, payload
)
values (
    1, '2025-12-01', '6dbb5f7d-9c3b-4a37-8c9b-0d7f4e5f7a11', 1, 'p', 'i', 'session.start', 's',
    's', '{"channel": "web"}'
);
insert into staging.builds (
    finished_at, is_full_refresh, after_load_id, max_load_id, business_timezone, as_of,
    previous_as_of, definition_sha256
)
values ('2025-12-02', true, 0, 1, 'UTC', '{}', '{}', 'd');
"""
BUILT = """
create table facts.fct_sessions (session_id text primary key);
insert into facts.fct_sessions values ('s');
create table marts.support_kpis_daily (sessions bigint);
insert into marts.support_kpis_daily values (1);
"""
TABLES = (
    *("objects", "loads", "load_counts", "quarantine", "quarantine_raw", "raw_support_events"),
    "builds",
)


@pytest.fixture
def old(server: Database) -> Iterator[Database]:
    _create_database(server, NAME)
    yield Database(_url(server, NAME), is_embedded=False)
    with server.connect(autocommit=True) as connection:
        drop(connection, NAME)


def read(connection: psycopg.Connection) -> dict[str, list[dict[str, object]]]:
    """Give every row of the first release's tables by column."""
    tables = [*(f"staging.{name}" for name in TABLES), "facts.fct_sessions"]
    return {
        name: [row for (row,) in connection.execute(f"select to_jsonb(t) from {name} as t")]  # noqa: S608
        for name in [*tables, "marts.support_kpis_daily"]
    }


@pytest.mark.parametrize("revision", known_revisions()[:-1])
def test_rows_stay_and_rights_are_those_of_a_new_warehouse(
    old: Database, tmp_path: Path, revision: str
) -> None:
    upgrade_to(old.url, revision)
    with old.connect() as connection:
        connection.execute(LANDED)
        assume_role(connection, "transformer")
        connection.execute(BUILT)
        connection.execute("reset role")
        before = read(connection)
    settings = settings_for(tmp_path / "home", old.url)
    open_database(settings)
    with old.connect() as connection:
        after = read(connection)
        # Columns may have come to a table; of those that were there nothing changed.
        for table, rows in before.items():
            kept = [
                {name: row[name] for name in old_row}
                for row, old_row in zip(after[table], rows, strict=True)
            ]
            assert kept == rows, table
        assert find_wrong_rights(connection) == []
    # Each later step finds its role: the loader lands.
    Warehouse(settings, old).land("b", [json_line(7)])
    with old.connect(role="bi_reader") as connection:
        connection.execute("select * from facts.fct_sessions, marts.support_kpis_daily")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from staging.raw_support_events")


def json_line(number: int) -> str:
    """Give one message as its producer sends it."""
    return json.dumps(make_event(number, data={"session_id": "s", "role": "user"}))
