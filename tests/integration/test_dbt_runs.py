"""dbt inside this process, on a small project of the test's own."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from orchestration.database import Database
from orchestration.dbt_runs import PROFILES, Progress, dbt_environment, run_dbt, tell_warnings
from raw_loaders.errors import CasebookError, RetriableError

PROJECT = """
name: small
profile: casebook
seed-paths: ["{{ env_var('DBT_CASEBOOK_SEEDS') }}"]
flags: {send_anonymous_usage_stats: false}
"""
FIRST = "select '{}'::text as word, * from {{{{ ref('numbers') }}}}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    (folder / "models").mkdir(parents=True)
    (folder / "seeds").mkdir()
    (folder / "dbt_project.yml").write_text(PROJECT)
    (folder / "seeds" / "numbers.csv").write_text("number\n1\n2\n")
    (folder / "models" / "first.sql").write_text(FIRST.format("wang"))
    (folder / "models" / "second.sql").write_text(
        "select word, number + 1 as n from {{ ref('first') }}"
    )
    return folder


def build(
    project: Path,
    database: Database,
    seeds: str = "seeds",
    say: Callable[[str], None] = lambda _: None,
) -> list[Progress]:
    progress: list[Progress] = []
    run_dbt(
        [
            "build",
            *("--project-dir", str(project), "--profiles-dir", str(PROFILES)),
            *("--target-path", str(project / "target"), "--log-path", str(project / "logs")),
        ],
        dbt_environment(database) | {"DBT_CASEBOOK_SEEDS": seeds},
        tell_warnings(say, progress.append),
    )
    return progress


def test_days_are_counted_in_utc_wherever_the_server_stands(
    project: Path, warehouse: Database
) -> None:
    """In Santiago the 7th of September 2025 has no midnight: a series of days lost its last."""
    with warehouse.connect(autocommit=True) as connection:
        connection.execute(
            sql.SQL("alter database {} set timezone to 'America/Santiago'").format(
                sql.Identifier(connection.info.dbname)
            )
        )
    (project / "models" / "days.sql").write_text(
        "select count(*) as days, current_setting('timezone') as zone"
        " from generate_series(date '2025-09-05', date '2025-09-08', interval '1 day')"
    )
    build(project, warehouse)
    with warehouse.connect() as connection:
        assert connection.execute("select days, zone from facts.days").fetchone() == (4, "UTC")


def test_build_reports_progress_and_leaves_the_environment_alone(
    project: Path, warehouse: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_FULL_REFRESH", "not a boolean")
    before = dict(os.environ)
    progress = build(project, warehouse)
    assert [(node.name, node.done, node.total) for node in progress] == [
        ("numbers", 1, 3),
        ("first", 2, 3),
        ("second", 3, 3),
    ]
    assert dict(os.environ) == before
    with warehouse.connect() as connection:
        assert connection.execute("select sum(n) from facts.second").fetchone() == (5,)


def test_seeds_may_lie_outside_the_project(
    project: Path, warehouse: Database, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "numbers.csv").write_text("number\n40\n")
    build(project, warehouse, "../elsewhere")
    with warehouse.connect() as connection:
        assert connection.execute("select sum(n) from facts.second").fetchone() == (41,)


def test_failure_names_the_model_and_no_value(project: Path, warehouse: Database) -> None:
    (project / "models" / "second.sql").write_text(
        "{{ config(materialized='table') }} select word::date as day from {{ ref('first') }}"
    )
    with pytest.raises(CasebookError) as caught:
        build(project, warehouse)
    assert str(caught.value) == (
        'The model second could not be built: invalid input syntax for type date: "…".'
    )


def test_failure_to_parse_names_the_file(project: Path, warehouse: Database) -> None:
    (project / "models" / "second.sql").write_text("select * from {{ ref('nothing') }}")
    with pytest.raises(CasebookError, match=r"dbt could not start: .*second.*nothing"):
        build(project, warehouse)


def test_failed_check_is_named(project: Path, warehouse: Database) -> None:
    (project / "models" / "first.yml").write_text(
        "models: [{name: first, columns: [{name: word, data_tests: [unique]}]}]"
    )
    with pytest.raises(CasebookError, match="The check unique_first_word failed: Got 1 result"):
        build(project, warehouse)


def test_check_that_warns_is_said_and_stops_nothing(project: Path, warehouse: Database) -> None:
    (project / "models" / "first.yml").write_text(
        "models: [{name: first, columns: [{name: word, data_tests: ["
        "{not_null: {}}, {unique: {name: words_are_one, config: {severity: warn}}}]}]}]"
    )
    said: list[str] = []
    heard = build(project, warehouse, say=said.append)
    assert said == ["The check words_are_one warns: rows found: 1."]
    assert {node.name for node in heard} >= {"not_null_first_word", "words_are_one", "second"}


def test_lost_server_is_retriable(project: Path, warehouse: Database) -> None:
    (project / "models" / "second.sql").write_text(
        "{{ config(materialized='table') }} select pg_terminate_backend(pg_backend_pid())"
    )
    with pytest.raises(RetriableError, match="The model second could not be built"):
        build(project, warehouse)


def test_deadlock_is_retriable(project: Path, warehouse: Database) -> None:
    """The server chooses the session that waited last: here the build's."""
    (project / "models" / "second.sql").write_text(
        "{{ config(materialized='table') }} select pg_advisory_xact_lock(2)::text as a,"
        " pg_sleep(1)::text as b, pg_advisory_xact_lock(1)::text as c"
    )
    with warehouse.connect() as other:
        other.execute("select pg_advisory_xact_lock(1)")
        thread = threading.Thread(target=_wait_for_the_build, args=(warehouse, other))
        thread.start()
        with pytest.raises(RetriableError, match="second could not be built: deadlock detected"):
            build(project, warehouse)
        thread.join()


def test_statement_of_a_killed_build_ends(project: Path, warehouse: Database) -> None:
    """The server looks every five seconds whether its client is still there."""
    (project / "models" / "second.sql").write_text(
        "{{ config(materialized='table') }} select pg_sleep(300)::text as slept"
    )
    dying = multiprocessing.get_context("spawn").Process(target=build, args=(project, warehouse))
    dying.start()
    with warehouse.connect(autocommit=True) as connection:
        _wait_until(lambda: _sleeping(connection) == 1, seconds=60)
        dying.kill()
        _wait_until(lambda: _sleeping(connection) == 0, seconds=15)


def _sleeping(connection: psycopg.Connection) -> int:
    row = connection.execute(
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and state = 'active' and wait_event = 'PgSleep'"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def _wait_for_the_build(warehouse: Database, other: psycopg.Connection) -> None:
    """Want the build's lock as soon as it has it, without ever being the victim."""
    with warehouse.connect(autocommit=True) as looking:
        while looking.execute("select pg_try_advisory_lock_shared(2)").fetchone() == (True,):
            looking.execute("select pg_advisory_unlock_shared(2)")
            time.sleep(0.05)
    other.execute("set local deadlock_timeout to '1min'")
    other.execute("select pg_advisory_xact_lock(2)")
