"""A database error carries rows and keys: what is said and recorded of one does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import psycopg
import pytest
from psycopg import sql

from orchestration.assets import landing_asset
from orchestration.cli.main import tell_error
from orchestration.dagster_instances import open_instance
from orchestration.resources import Workplace
from raw_loaders.errors import CasebookError
from tests.conftest import _url, settings_for
from tests.pipeline.conftest import drop
from tests.protection.canaries import find_words
from tests.protection.searching import search_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestration.database import Database

# A value that is kept, so that the row holds it when the server refuses it.
WORD = "zq7plain0000x"
UNIQUE = "create unique index once on staging.raw_support_events ((payload ->> 'agent_name'))"
# What a server tells with each kind of error, made to tell the whole row.
REFUSES = """
create function staging.refuse() returns trigger language plpgsql as $$
begin
    raise exception using errcode = '{code}', message = 'refused', detail = new::text,
        hint = new.payload::text;
end $$;
create trigger refuses before insert on staging.raw_support_events
    for each row execute function staging.refuse();
"""
REFUSALS = {
    "a unique key": UNIQUE,
    "a restriction": REFUSES.format(code="23001"),
    "a full disk": REFUSES.format(code="53100"),
    "a cancelled statement": REFUSES.format(code="57014"),
    "a column that must be there": (
        "alter table staging.raw_support_events add column needed int not null"
    ),
}


class Silent:
    """Hears nothing."""

    def say(self, sentence: str) -> None:
        """Forget it."""

    def step(self, work: str, what: str, done: int, total: int) -> None:
        """Forget it."""


def event(number: int) -> str:
    """Make a login of the one agent."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": f"{number}",
            "source": "desk",
            "type": "agent.login",
            "time": f"2025-12-01T04:00:0{number}Z",
            "data": {"agent_id": "a", "agent_name": WORD},
        }
    )


@pytest.fixture
def runs(server: Database, warehouse: Database) -> Iterator[Database]:
    """Give Dagster's database of the test's warehouse."""
    name = f"{warehouse.parameters['dbname']}_dagster"
    yield type(server)(_url(server, name), is_embedded=False)
    with server.connect(autocommit=True) as connection:
        drop(connection, name)


def test_a_refused_row_is_in_no_sentence_and_no_record(
    warehouse: Database, runs: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DAGSTER_HOME", "DAGSTER_CASEBOOK_POSTGRES_URL"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr("orchestration.retries.WAITS_SECONDS", (0,))
    settings = settings_for(tmp_path / "home", warehouse.url, SETTLE_SECONDS="0")
    folder = Path(settings.landing) / "support"
    folder.mkdir(parents=True)
    instance = open_instance(settings)
    (folder / "desk.ndjson").write_text(f"{event(1)}\n{event(2)}\n")
    for kind, statement in REFUSALS.items():
        with warehouse.connect() as connection:
            connection.execute(sql.SQL(statement))
        workplace = Workplace(settings, Silent())
        with pytest.raises(CasebookError) as raised:
            dg.materialize(
                [landing_asset("support", "")],
                instance=instance,
                resources={"workplace": workplace},
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
        sentence = tell_error(raised.value)
        assert sentence is not None, kind
        assert WORD not in sentence, kind
        with warehouse.connect() as connection:
            connection.execute("drop index if exists staging.once")
            connection.execute("drop function if exists staging.refuse() cascade")
            connection.execute(
                "alter table staging.raw_support_events drop column if exists needed"
            )
    instance.dispose()
    found = search_database(runs)
    assert [table for table, words in found.items() if words] == []
    with runs.connect() as connection:
        failures = connection.execute(
            "select count(*) from event_logs where dagster_event_type = 'STEP_FAILURE'"
        ).fetchone()
    assert failures == (len(REFUSALS),), "there was something to search"


def test_any_other_refused_statement_is_told_without_its_row(warehouse: Database) -> None:
    with warehouse.connect() as connection:
        connection.execute("create table public.names (name text primary key)")
        connection.execute("insert into public.names values (%s)", (WORD,))
        with pytest.raises(psycopg.errors.UniqueViolation) as raised:
            connection.execute("insert into public.names values (%s)", (WORD,))
    assert find_words(str(raised.value).encode()), "the server's own words do carry it"
    sentence = tell_error(raised.value)
    assert sentence is not None
    assert "UniqueViolation, SQLSTATE 23505" in sentence
    assert WORD not in sentence
