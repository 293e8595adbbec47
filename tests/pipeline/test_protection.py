"""One warehouse that is protected: who may do what, then what is erased, while others read it.

Three builds serve all tests, in their order: the first one, one of a past instant, and the one
from nothing that follows an erasure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import sql

from orchestration.cli.main import casebook
from orchestration.database import Database, open_database
from orchestration.erasures import search
from orchestration.roles import bi_url
from raw_loaders.redaction import Redactor
from tests.conftest import _create_database, _url, settings_for
from tests.landing_parts.events import make_event
from tests.pipeline.conftest import drop
from tests.pipeline.readers import Readings, reading
from tests.property.warehouses import KEYS, Warehouse
from tests.protection.rights import find_wrong_rights

NAME = "protected"
FEW = ("stg_casebook__builds", "stg_support__events", "int_sessions_touched", "fct_messages")
PAST = datetime(2026, 1, 1, tzinfo=UTC)
CUSTOMER, SESSION = "anna-1", "s-2"


def session_lines(number: int, session: str, customer: str) -> list[str]:
    start = {"session_id": session, "channel": "web", "customer_id": customer}
    message = {"session_id": session, "role": "user", "message_length": 3}
    return [
        json.dumps(make_event(number, "session.start", data=start, boot="b")),
        json.dumps(make_event(number + 1, data=message, boot="b")),
    ]


LINES = [
    *session_lines(0, "s-1", CUSTOMER),
    *session_lines(2, SESSION, "bert-2"),
    *session_lines(4, "s-3", "carl-3"),
]


@pytest.fixture(scope="module")
def protected(server: Database, session_home: Path) -> Iterator[Warehouse]:
    """A warehouse with all that migrations give: rights of a database are in no template."""
    _create_database(server, NAME)
    home = session_home / NAME
    home.mkdir()
    settings = settings_for(home, _url(server, NAME))
    warehouse = Warehouse(settings, open_database(settings))
    warehouse.land("old", LINES)
    warehouse.build()
    warehouse.at(PAST).build(only=FEW)
    yield warehouse
    with server.connect(autocommit=True) as connection:
        drop(connection, NAME)
        connection.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(f"{NAME}_bi")))


@pytest.fixture(scope="module")
def erased(protected: Warehouse) -> tuple[Result, Readings]:
    """Erase a session, killed before its build, then a customer; both while others read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("orchestration.erasures.build_warehouse", _die)
        killed = run_erase(protected, "--session", SESSION)
    assert isinstance(killed.exception, InterruptedError)
    with reading(protected.database, slowly=("facts", "fct_sessions")) as readings:
        result = run_erase(protected, "--customer", "-", text=f"{CUSTOMER}\n")
    return result, readings


def run_erase(warehouse: Warehouse, *arguments: str, text: str | None = None) -> Result:
    settings = warehouse.settings
    environ = {
        "CASEBOOK_HOME": str(settings.home),
        "CASEBOOK_DATABASE_URL": warehouse.database.url,
        "CASEBOOK_HASH_KEY": settings.hash_key,
    }
    return CliRunner().invoke(casebook, ["erase", *arguments], input=text, env=environ)


def _die(*_: object, **__: object) -> None:
    raise InterruptedError


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


def test_nothing_is_done_for_whom_nobody_knows(protected: Warehouse) -> None:
    result = run_erase(protected, "--customer", "zoe-9")
    assert "Nothing of this customer has landed" in str(result.exception)
    assert run_erase(protected).exit_code == 2
    with protected.database.connect() as connection:
        assert connection.execute("select count(*) from staging.erasures").fetchone() == (0,)
        hashes = Redactor(KEYS).hashes("customer_id", CUSTOMER)
        assert "facts.fct_sessions.customer_id" in search(connection, hashes)[1]
        assert "facts.fct_sessions.session_id" in search(connection, SESSION)[1]


def test_both_are_gone_and_the_books_balance(
    protected: Warehouse, erased: tuple[Result, Readings]
) -> None:
    result, _ = erased
    assert result.exception is None, result.output
    assert "starts from nothing: something was erased" in result.output
    assert "1 events lost the id" in result.stdout
    assert CUSTOMER not in result.output
    again = run_erase(protected, "--session", SESSION)
    assert again.exception is None, again.output
    assert "0 events are deleted" in again.stdout
    assert "Build" not in again.stdout
    with protected.database.connect() as connection:
        assert search(connection, Redactor(KEYS).hashes("customer_id", CUSTOMER))[1] == []
        assert search(connection, SESSION)[1] == []
        sessions = connection.execute(
            "select session_id, customer_id is null from facts.fct_sessions order by 1"
        ).fetchall()
        losses = connection.execute(
            "select sum(lost_events)::int, sum(rejected_events)::int, sum(expected_events)::int"
            " from marts.data_quality_daily where source = 'support'"
        ).fetchone()
        schemas = connection.execute(
            "select count(*) from pg_namespace where nspname like '%as_of%'"
        ).fetchone()
    assert sessions == [("s-1", True), ("s-3", False)]
    assert losses == (0, 2, 6)
    assert schemas == (0,)


def test_readers_see_whole_tables_and_do_not_wait(
    protected: Warehouse, erased: tuple[Result, Readings]
) -> None:
    """During a build from nothing, which swaps every table, one of them under a slow reader."""
    _, readings = erased
    assert sorted(set(readings.errors)) == []
    assert readings.read_count > len(readings.counts) > 50
    assert readings.counts["facts", "fct_sessions"] == {2, 3}
    with protected.database.connect() as connection:
        for (schema, name), counts in readings.counts.items():
            row = connection.execute(
                sql.SQL("select count(*) from {}").format(sql.Identifier(schema, name))
            ).fetchone()
            assert row is not None
            assert len(counts | {row[0]}) <= 2, (schema, name)


def test_rights_are_the_same_after_a_build_from_nothing(
    protected: Warehouse, erased: tuple[Result, Readings]
) -> None:
    with protected.database.connect() as connection:
        assert find_wrong_rights(connection) == []
