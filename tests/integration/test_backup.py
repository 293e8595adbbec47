"""Backup and restore: the two documented commands, into a server's other database."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql

from orchestration.database import Database
from tests.conftest import _create_database, _url
from tests.integration.conftest import Casebook

KEY = "a key of the tests only"
CONTENTS = """
select table_schema || '.' || table_name
from information_schema.tables
where table_schema in ('staging', 'facts', 'marts') and table_type = 'BASE TABLE'
order by 1
"""


def read(connection: psycopg.Connection) -> dict[str, list[tuple[str, ...]]]:
    """Give every row of every table as text, and who may read the marts."""
    tables = [name for (name,) in connection.execute(CONTENTS).fetchall()]
    rows = {
        name: connection.execute(
            sql.SQL("select t::text from {} as t order by 1").format(
                sql.Identifier(*name.split("."))
            )
        ).fetchall()
        for name in tables
    }
    rows["rights"] = connection.execute(
        "select table_schema, table_name, grantee, privilege_type"
        " from information_schema.role_table_grants"
        " where grantee like 'casebook%%' order by 1, 2, 3, 4"
    ).fetchall()
    return rows


def test_restored_warehouse_equals_the_dumped_one(
    server: Database, warehouse: Database, casebook: Casebook, tmp_path: Path
) -> None:
    file = tmp_path / "warehouse.dump"
    with warehouse.connect() as connection:
        connection.execute("create table marts.numbers (day date primary key, amount bigint)")
        connection.execute("grant select on marts.numbers to casebook_bi_reader")
        connection.execute("insert into marts.numbers values ('2025-12-01', 4711)")
        connection.execute(
            "insert into staging.objects (source, object, sha256, bytes)"
            " values ('support', 'support/a.jsonl', 'ab', 12)"
        )
        connection.commit()
        before = read(connection)
    assert casebook("db", "dump", str(file), DATABASE_URL=warehouse.url, HASH_KEY=KEY).code == 0
    name = "restored"
    _create_database(server, name)
    target = Database(_url(server, name), is_embedded=False)
    try:
        for _ in range(2):
            # The second time over a warehouse that went on meanwhile.
            restored = casebook(
                "db", "restore", str(file), "--yes", DATABASE_URL=target.url, HASH_KEY=KEY
            )
            assert restored.code == 0, restored
            with target.connect() as connection:
                assert read(connection) == before
                connection.execute("delete from marts.numbers")
                connection.execute("create table staging.of_a_later_release (number int)")
        broken = tmp_path / "broken.dump"
        broken.write_bytes(file.read_bytes()[:-200])
        refused = casebook(
            "db", "restore", str(broken), "--yes", DATABASE_URL=target.url, HASH_KEY=KEY
        )
        refused.assert_sentence("pg_restore failed", "nothing was changed")
        with target.connect() as connection:
            assert connection.execute("select count(*) from marts.numbers").fetchone() == (0,)
    finally:
        with server.connect(autocommit=True) as connection:
            connection.execute("drop database restored with (force)")
