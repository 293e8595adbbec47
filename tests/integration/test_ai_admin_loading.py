"""The back office's rows into a real warehouse: versions, late commits, restores, privacy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg import sql

from orchestration.database import Database
from orchestration.samples.back_office import BackOffice, create_back_office
from raw_loaders.ai_admin.reading import open_back_office
from raw_loaders.errors import RetriableError
from raw_loaders.loading import LoadOptions, LoadReport, load_source
from raw_loaders.redaction import HashKeys

Load = Callable[..., LoadReport]
OFFICE = BackOffice(days=2, runs_per_day=20)
RUN = (
    "insert into biz.ai_run_logs (site_id, app_type, member_id, status, created_at, updated_at)"
    " values ('sh-01', 'app6_note', 'm1', 'running', now(), now()) returning id"
)
SECRET = "Tr0ub4dor"


@pytest.fixture
def office_url(server: Database) -> Iterator[str]:
    """A database of the same server with a made-up back office."""
    with server.connect(autocommit=True) as connection:
        connection.execute("create database back_office_test")
        url = urlunsplit(urlsplit(server.url)._replace(path="/back_office_test"))
        try:
            with psycopg.connect(url) as office:
                create_back_office(office, OFFICE)
            yield url
        finally:
            connection.execute("drop database back_office_test with (force)")


@pytest.fixture
def office(office_url: str) -> Iterator[psycopg.Connection]:
    """The back office's own session, in autocommit mode."""
    with psycopg.connect(office_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def load(warehouse: Database, office_url: str) -> Load:
    """Load what changed in the back office."""

    def load(url: str = office_url, key: bytes = b"key") -> LoadReport:
        options = LoadOptions(
            landing="/nowhere",
            timezone=ZoneInfo("Asia/Shanghai"),
            keys=HashKeys(key=key, key_id=key.hex(), identity_key=b"identity"),
            ai_admin_url=url,
        )
        report = load_source("ai_admin", warehouse.connect, options)
        assert report.read == report.landed + report.duplicate + report.quarantined.total()
        return report

    return load


def versions(warehouse: Database, table: str, row_id: object) -> list[dict[str, Any]]:
    """Payloads of a row's versions in order."""
    with warehouse.connect() as connection:
        rows = connection.execute(
            "select payload from staging.raw_ai_admin_rows"
            " where event_name = %s and row_id = %s order by sequence",
            (table, str(row_id)),
        )
        return [payload for (payload,) in rows]


def count(connection: psycopg.Connection, table: str) -> int:
    query = sql.SQL("select count(*) from {}").format(sql.Identifier(*table.split(".")))
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def test_every_row_lands_once(warehouse: Database, office: psycopg.Connection, load: Load) -> None:
    tables = ["ai_run_logs", "ai_trigger_jobs", "trigger_jobs", "ai_cache"]
    tables += ["ai_budget_limits", "site_calendar"]
    report = load()
    assert report.failed == report.noticed == []
    assert report.landed == sum(count(office, f"biz.{table}") for table in tables)
    again = load()
    assert (again.read, again.objects_landed) == (0, 0)


def test_a_changed_row_lands_as_its_next_version(
    warehouse: Database, office: psycopg.Connection, load: Load
) -> None:
    (run,) = office.execute(RUN).fetchone() or (None,)
    load()
    office.execute("update biz.ai_run_logs set status = 'success' where id = %s", (run,))
    assert load().landed == 1
    # Neither a new transaction nor a change back is mistaken.
    office.execute("update biz.ai_run_logs set status = status where id = %s", (run,))
    assert load().landed == 0
    office.execute("update biz.ai_run_logs set status = 'running' where id = %s", (run,))
    assert load().landed == 1
    words = [payload["status"] for payload in versions(warehouse, "ai_run_logs", run)]
    assert words == ["running", "success", "running"]


def test_a_row_that_commits_late_is_not_lost(
    warehouse: Database, office_url: str, office: psycopg.Connection, load: Load
) -> None:
    with psycopg.connect(office_url) as slow:
        (late,) = slow.execute(RUN).fetchone() or (None,)
        (early,) = office.execute(RUN).fetchone() or (None,)
        load()
        assert versions(warehouse, "ai_run_logs", late) == []
        assert len(versions(warehouse, "ai_run_logs", early)) == 1
        load()
        slow.commit()
    assert load().landed == 1
    assert len(versions(warehouse, "ai_run_logs", late)) == 1
    assert load().landed == 0


def test_an_update_that_commits_late_is_not_lost(
    warehouse: Database, office_url: str, office: psycopg.Connection, load: Load
) -> None:
    load()
    with psycopg.connect(office_url) as slow:
        slow.execute("update biz.ai_trigger_jobs set status = 'retried' where id = 1")
        office.execute("update biz.ai_trigger_jobs set status = 'retried' where id = 2")
        assert load().landed == 1
        slow.commit()
    assert load().landed == 1
    assert versions(warehouse, "ai_trigger_jobs", 1)[-1]["status"] == "retried"


def test_a_look_without_news_leaves_no_position(
    warehouse: Database, office: psycopg.Connection, load: Load
) -> None:
    """Six rows came with each look, whatever had happened."""

    def count_positions() -> list[tuple[str, int]]:
        with warehouse.connect() as connection:
            return connection.execute(
                "select object, count(*) from staging.source_positions group by object"
            ).fetchall()

    load()
    first = dict(count_positions())
    load()
    load()
    assert dict(count_positions()) == first
    office.execute("update biz.ai_trigger_jobs set status = 'retried' where id = 1")
    office.execute("delete from biz.trigger_jobs where id = 1")
    assert load().landed == 2
    changed = {"ai_trigger_jobs": 2, "trigger_jobs": 2}
    assert dict(count_positions()) == first | changed
    assert load().landed == 0


def test_a_row_that_is_gone_from_a_small_table_lands_as_gone(
    warehouse: Database, office: psycopg.Connection, load: Load
) -> None:
    load()
    office.execute("delete from biz.trigger_jobs where id = 1")
    assert load().landed == 1
    assert [p.get("is_deleted") for p in versions(warehouse, "trigger_jobs", 1)] == [None, True]
    assert load().landed == 0


def test_a_restored_older_source_is_named_and_read_again(
    warehouse: Database, office: psycopg.Connection, load: Load
) -> None:
    (lost,) = office.execute(RUN).fetchone() or (None,)
    load()
    # As after a restore: the last run is gone, another was changed before, and the server
    # gives out transactions that it gave out already.
    office.execute("delete from biz.ai_run_logs where id = %s", (lost,))
    with warehouse.connect() as connection:
        connection.execute(
            "insert into staging.source_positions"
            " (source, object, cluster, horizon, next_xid, read_at)"
            " select source, object, cluster, horizon + 1000000, next_xid + 1000000, now()"
            " from staging.source_positions"
        )
    office.execute("update biz.ai_run_logs set status = 'restored' where id = 1")
    report = load()
    runs = [sentence for sentence in report.noticed if "ai_run_logs" in sentence]
    assert "restored or replaced" in runs[0]
    assert " 1 rows that landed before are not in it any more" in runs[0]
    assert versions(warehouse, "ai_run_logs", 1)[-1]["status"] == "restored"
    assert load().noticed == []


def test_another_server_is_named(warehouse: Database, load: Load) -> None:
    load()
    with warehouse.connect() as connection:
        connection.execute("update staging.source_positions set cluster = 'another/1'")
    report = load()
    assert len(report.noticed) == 6
    assert report.read == 0


def test_content_is_not_selected_and_members_are_hashed(
    warehouse: Database, office: psycopg.Connection, load: Load
) -> None:
    office.execute(
        "update biz.ai_run_logs set request_prompt = %s, member_id = %s", (SECRET, SECRET)
    )
    office.execute(
        "update biz.ai_run_logs set response_text = %s, error_message = %s", (SECRET, SECRET)
    )
    office.execute("update biz.ai_trigger_jobs set payload = %s", (json.dumps({"a": SECRET}),))
    office.execute("update biz.ai_trigger_jobs set error_message = %s", (SECRET,))
    office.execute("update biz.trigger_jobs set last_error = %s", (SECRET,))
    office.execute("alter table biz.ai_run_logs add column notes text")
    office.execute("update biz.ai_run_logs set notes = %s", (SECRET,))
    load()
    with warehouse.connect() as connection:
        dump = str(connection.execute("select t::text from staging.raw_ai_admin_rows t").fetchall())
        drift = connection.execute(
            "select reason, line_count from staging.load_counts where outcome = 'unknown_field'"
        ).fetchall()
    assert SECRET not in dump
    assert '"member_id"' in dump.replace("\\", "")
    assert drift == [("notes", 1)]


def test_a_login_without_the_content_columns_is_enough(
    server: Database, office: psycopg.Connection, office_url: str, load: Load
) -> None:
    office.execute("create role casebook_reader_test login password 'x'")
    try:
        office.execute("grant usage on schema biz to casebook_reader_test")
        for table in ("trigger_jobs", "ai_cache", "ai_budget_limits", "site_calendar"):
            office.execute(
                sql.SQL("grant select on biz.{} to casebook_reader_test").format(
                    sql.Identifier(table)
                )
            )
        office.execute(
            "grant select (id, site_id, app_type, trigger_type, member_id, tokens_used, latency_ms,"
            " status, alert_status, session_id, created_at, finished_at) on biz.ai_run_logs"
            " to casebook_reader_test"
        )
        parts = urlsplit(office_url)
        reader = parts._replace(netloc=f"casebook_reader_test:x@{parts.hostname}:{parts.port}")
        report = load(urlunsplit(reader))
        # Its login may not read this table at all: named, and the others landed.
        assert len(report.failed) == 1
        assert "biz.ai_trigger_jobs" in report.failed[0]
        assert report.landed > 40
    finally:
        office.execute("drop owned by casebook_reader_test")
        office.execute("drop role casebook_reader_test")


def test_nothing_is_written_to_the_back_office(office_url: str) -> None:
    with (
        open_back_office(office_url) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute("delete from biz.ai_cache")


def test_no_statement_weighs_on_the_back_office(
    office_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("raw_loaders.ai_admin.reading.STATEMENT_TIMEOUT_MS", 50)
    with (
        open_back_office(office_url) as connection,
        pytest.raises(psycopg.errors.QueryCanceled),
    ):
        connection.execute("select pg_sleep(5)")


def test_a_back_office_that_is_away_is_retriable(load: Load) -> None:
    with pytest.raises(RetriableError, match="CASEBOOK_AI_ADMIN_URL"):
        load("postgresql://nobody@127.0.0.1:1/none")


def test_whom_an_answer_is_about_is_hashed_for_good(
    warehouse: Database, office: psycopg.Connection, load: Load
) -> None:
    office.execute("update biz.ai_cache set target_id = %s", (SECRET,))
    load()
    with warehouse.connect() as connection:
        dump = str(connection.execute("select t::text from staging.raw_ai_admin_rows t").fetchall())
    assert SECRET not in dump
    # Another rotating key makes no other rows of a table that is read whole.
    assert load(key=b"rotated").landed == 0


def test_a_cell_that_is_made_anew_stands_beside_the_old_one(
    warehouse: Database, office: psycopg.Connection, load: Load
) -> None:
    load()
    query = "select count(*) from staging.raw_ai_admin_rows where event_name = 'ai_cache'"
    with warehouse.connect() as connection:
        before = connection.execute(query.encode()).fetchone() or (0,)
    # One is thrown away and stays beside its successor; of two alike one counts.
    copy = (
        "insert into biz.ai_cache select site_id, app_type, target_id, time_dimension, area, {}"
        " from (select * from biz.ai_cache order by ctid limit 1) as one"
    )
    office.execute(copy.format("created_at, expires_at, invalidated_at").encode())
    office.execute(copy.format("created_at + interval '1 day', null, null").encode())
    assert load().landed == 1
    assert load().landed == 0
    with warehouse.connect() as connection:
        assert connection.execute(query.encode()).fetchone() == (before[0] + 1,)


def test_columns_of_other_types_land_as_what_they_mean(
    warehouse: Database, office: psycopg.Connection, load: Load
) -> None:
    office.execute("alter table biz.ai_trigger_jobs alter is_forced drop default")
    office.execute(
        "alter table biz.ai_trigger_jobs alter is_forced type smallint using is_forced::int"
    )
    office.execute("alter table biz.trigger_jobs alter last_run_at type text")
    office.execute("update biz.trigger_jobs set last_run_at = 'yesterday' where id = 1")
    office.execute("update biz.trigger_jobs set last_run_at = '2025-12-30' where id = 2")
    office.execute("alter table biz.ai_budget_limits alter token_limit type bigint")
    office.execute("update biz.ai_budget_limits set token_limit = 50000000001")
    assert load().failed == []
    jobs = versions(warehouse, "trigger_jobs", 1) + versions(warehouse, "trigger_jobs", 2)
    assert [job.get("last_run_at") for job in jobs] == [None, "2025-12-30"]
    assert versions(warehouse, "ai_trigger_jobs", 1)[0]["is_forced"] in (True, False)
    with warehouse.connect() as connection:
        limits = connection.execute(
            "select distinct payload ->> 'token_limit' from staging.raw_ai_admin_rows"
            " where event_name = 'ai_budget_limits'"
        ).fetchall()
    assert limits == [("50000000001",)]


def test_batches_of_a_key_join_without_gap(
    warehouse: Database, office: psycopg.Connection, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("raw_loaders.ai_admin.reading.BATCH_ROWS", 7)
    # Ids of texts, some of them digits, are as good as numbers.
    office.execute("alter table biz.ai_trigger_jobs alter id drop identity if exists")
    office.execute("alter table biz.ai_trigger_jobs alter id type text")
    load()
    with warehouse.connect() as connection:
        for table in ("ai_run_logs", "ai_trigger_jobs", "ai_cache", "ai_budget_limits"):
            landed = connection.execute(
                "select count(*), count(distinct row_id) from staging.raw_ai_admin_rows"
                " where event_name = %s",
                (table,),
            ).fetchone()
            expected = count(office, f"biz.{table}")
            assert landed == (expected, expected)
