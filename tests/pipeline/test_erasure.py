"""`casebook erase` over a built warehouse: staging, facts, marts and past states."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from orchestration.cli.main import casebook
from orchestration.erasures import search
from raw_loaders.redaction import Redactor
from tests.landing_parts.events import make_event
from tests.pipeline.conftest import WarehouseFactory
from tests.property.warehouses import KEYS, Warehouse

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
def built(new_warehouse: WarehouseFactory) -> Warehouse:
    warehouse = new_warehouse("erasure")
    warehouse.land("old", LINES)
    # Enough to hold what will be erased.
    warehouse.build(only=("+fct_sessions",))
    with warehouse.database.connect() as connection:
        connection.execute("create schema facts_as_of_20260101t000000z")
        connection.execute("create table facts_as_of_20260101t000000z.fct_sessions (a text)")
    return warehouse


def run_erase(warehouse: Warehouse, *arguments: str, text: str | None = None) -> Result:
    settings = warehouse.settings
    environ = {
        "CASEBOOK_HOME": str(settings.home),
        "CASEBOOK_DATABASE_URL": warehouse.database.url,
        "CASEBOOK_HASH_KEY": settings.hash_key,
    }
    return CliRunner().invoke(casebook, ["erase", *arguments], input=text, env=environ)


def test_nothing_is_done_for_whom_nobody_knows(built: Warehouse) -> None:
    result = run_erase(built, "--customer", "zoe-9")
    assert "Nothing of this customer has landed" in str(result.exception)
    assert run_erase(built).exit_code == 2
    with built.database.connect() as connection:
        assert connection.execute("select count(*) from staging.erasures").fetchone() == (0,)


def test_both_are_gone_and_the_books_balance(built: Warehouse) -> None:
    with built.database.connect() as connection:
        hashes = Redactor(KEYS).hashes("customer_id", CUSTOMER)
        assert "facts.fct_sessions.customer_id" in search(connection, hashes)[1]
        assert "facts.fct_sessions.session_id" in search(connection, SESSION)[1]
    # Killed before its build: the tombstone is there, and the next command goes on.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("orchestration.erasures.build_warehouse", _die)
        assert isinstance(run_erase(built, "--session", SESSION).exception, InterruptedError)
    result = run_erase(built, "--customer", "-", text=f"{CUSTOMER}\n")
    assert result.exception is None, result.output
    assert "starts from nothing: something was erased" in result.output
    assert "1 events lost the id" in result.stdout
    assert CUSTOMER not in result.output
    again = run_erase(built, "--session", SESSION)
    assert again.exception is None, again.output
    assert "0 events are deleted" in again.stdout
    assert "Build" not in again.stdout
    with built.database.connect() as connection:
        assert search(connection, hashes)[1] == []
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


def _die(*_: object, **__: object) -> None:
    raise InterruptedError
