"""The build protocol on a real server."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest

from orchestration.builds import (
    EVENT_TABLES,
    begin_build,
    finish_build,
    one_build_at_a_time,
    prepare_plan,
)
from orchestration.database import Database
from orchestration.rebuilt_days import Days, plan_days_again
from orchestration.settings import Settings
from raw_loaders.errors import SettingsError
from raw_loaders.locks import BUILD_LOCK, LANDING_LOCK
from tests.conftest import settings_for


def land(
    connection: psycopg.Connection,
    *occurred_at: datetime,
    source: str = "support",
    duplicates: int = 0,
    rejected: int = 0,
    skipped: int = 0,
) -> int:
    """Insert one committed load with a support event at each time; gives its load_id."""
    row = connection.execute(
        """
        with object as (
            insert into staging.objects (source, object, sha256, bytes)
            select %(source)s, 'a file', gen_random_uuid()::text, 0
            returning object_id
        )
        insert into staging.loads (
            object_id, start_offset, end_offset, end_line_number,
            read_count, landed_count, duplicate_count, quarantined_count,
            is_last, hash_key_id, catalogue_sha256
        )
        select
            object_id, 0, 0, 0, %(duplicates)s + %(rejected)s, 0, %(duplicates)s, %(rejected)s,
            true, '', ''
        from object
        returning load_id
        """,
        {"source": source, "duplicates": duplicates, "rejected": rejected},
    ).fetchone()
    assert row is not None
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            insert into staging.raw_support_events (
                occurred_at, event_key, load_id, line_number, entity_id, event_name,
                producer, event_id, payload
            )
            values (%s, gen_random_uuid(), %s, 1, 'e', 'session.start', 'p', 'i', '{}')
            """,
            [(moment, row[0]) for moment in occurred_at],
        )
    if skipped:
        connection.execute(
            "insert into staging.load_counts (load_id, event_name, outcome, line_count)"
            " values (%s, 'metric', 'skipped', %s)",
            (row[0], skipped),
        )
    connection.commit()
    return int(row[0])


def test_days_are_built_again_from_their_first_load_on(
    warehouse: Database, connection: psycopg.Connection, settings: Settings
) -> None:
    land(connection, datetime(2025, 12, 1, 15, 59, 59, tzinfo=UTC))
    of_the_day = land(connection, datetime(2025, 12, 1, 16, tzinfo=UTC))
    last = land(connection, datetime(2025, 12, 4, tzinfo=UTC))
    second = Days(first=date(2025, 12, 2), last=date(2025, 12, 2))
    third = Days(first=date(2025, 12, 3), last=date(2025, 12, 3))
    with one_build_at_a_time(warehouse, pytest.fail) as lock:
        first = prepare_plan(lock, settings, "a")
        assert plan_days_again(lock, first, third, settings.timezone) == first, (
            "the first build computes everything anyway"
        )
        finish_build(lock, begin_build(lock, first, "Asia/Shanghai"))
        unchanged = prepare_plan(lock, settings, "a")
        again = plan_days_again(lock, unchanged, second, settings.timezone)
        assert (again.after_load_id, again.max_load_id) == (of_the_day - 1, last)
        assert not again.is_unchanged
        with pytest.raises(SettingsError, match="No event from 2025-12-03 to 2025-12-03 has"):
            plan_days_again(lock, unchanged, third, settings.timezone)


def test_build_reads_what_landed_since_the_last_finished_one(
    warehouse: Database, connection: psycopg.Connection, settings: Settings
) -> None:
    first_load = land(connection, datetime(2025, 12, 1, tzinfo=UTC))
    with one_build_at_a_time(warehouse, pytest.fail) as lock:
        first = prepare_plan(lock, settings, "a")
        finish_build(lock, begin_build(lock, first, "Asia/Shanghai"))
        second_load = land(
            connection,
            datetime(2025, 12, 3, 8, 30, 0, 125, tzinfo=UTC),
            datetime(2025, 12, 2, tzinfo=UTC),
        )
        killed = prepare_plan(lock, settings, "a")
        begin_build(lock, killed, "Asia/Shanghai")
        second = prepare_plan(lock, settings, "a")
    assert (first.after_load_id, first.max_load_id) == (0, first_load)
    assert first.as_of == {"support": "2025-12-01T00:00:00+00:00"}
    assert second == killed, "a build that never finished must not count"
    assert (second.after_load_id, second.max_load_id) == (first_load, second_load)
    assert second.previous_as_of == first.as_of
    assert second.as_of == {"support": "2025-12-03T08:30:00.000125+00:00"}


def test_source_of_duplicates_only_is_not_changed(
    warehouse: Database, connection: psycopg.Connection, settings: Settings
) -> None:
    land(connection, datetime(2025, 12, 1, tzinfo=UTC), rejected=1)
    land(connection, source="ai_admin", rejected=1)
    with one_build_at_a_time(warehouse, pytest.fail) as lock:
        first = prepare_plan(lock, settings, "a")
        finish_build(lock, begin_build(lock, first, "UTC"))
        land(connection, duplicates=3)
        land(connection, source="qwen_code", duplicates=2, rejected=1)
        second = prepare_plan(lock, settings, "a")
        finish_build(lock, begin_build(lock, second, "UTC"))
        land(connection, source="qwen_code", skipped=4)
        third = prepare_plan(lock, settings, "a")
    assert first.changed_sources == {"support", "ai_admin"}
    assert second.changed_sources == {"qwen_code"}
    assert third.changed_sources == {"qwen_code"}, "metrics may have come"


def test_full_refresh_that_did_not_finish_is_done_again(
    warehouse: Database, connection: psycopg.Connection, settings: Settings
) -> None:
    land(connection, datetime(2025, 12, 1, tzinfo=UTC))
    with one_build_at_a_time(warehouse, pytest.fail) as lock:
        finish_build(lock, begin_build(lock, prepare_plan(lock, settings, "a"), "UTC"))
        begin_build(lock, prepare_plan(lock, settings, "a", full_refresh=True), "UTC")
        again = prepare_plan(lock, settings, "a")
        finish_build(lock, begin_build(lock, again, "UTC"))
        then = prepare_plan(lock, settings, "a")
    assert again.reason == "a full refresh did not finish"
    assert not then.is_full_refresh


def test_build_as_of_a_past_time_does_not_disturb_the_live_ones(
    warehouse: Database, connection: psycopg.Connection, settings: Settings, tmp_path: Path
) -> None:
    land(connection, datetime(2025, 12, 1, tzinfo=UTC))
    past = settings_for(tmp_path / "home", warehouse.url, AS_OF="2025-11-30T08:00:00+08:00")
    with one_build_at_a_time(warehouse, pytest.fail) as lock:
        finish_build(lock, begin_build(lock, prepare_plan(lock, settings, "a"), "UTC"))
        then = prepare_plan(lock, past, "a")
        finish_build(lock, begin_build(lock, then, "UTC"))
        live = prepare_plan(lock, settings, "a")
        then_again = prepare_plan(lock, past, "a")
    assert then.schema_suffix == "_as_of_20251130t000000z"
    assert then.as_of == dict.fromkeys(EVENT_TABLES, "2025-11-30T00:00:00+00:00")
    assert then_again.is_full_refresh
    assert live.is_unchanged


def test_watermark_waits_for_a_chunk_that_has_drawn_its_id(
    warehouse: Database, connection: psycopg.Connection, settings: Settings
) -> None:
    """A later load that commits first must not hide one that is still being landed."""
    connection.execute("select pg_advisory_xact_lock_shared(%s)", (LANDING_LOCK,))
    plans = []

    def prepare() -> None:
        with warehouse.connect(autocommit=True) as lock:
            plans.append(prepare_plan(lock, settings, "a"))

    thread = threading.Thread(target=prepare)
    thread.start()
    thread.join(0.5)
    assert plans == []
    load_id = land(connection)
    thread.join(10)
    assert [plan.max_load_id for plan in plans] == [load_id]


def test_second_build_says_so_and_waits(warehouse: Database) -> None:
    said: list[str] = []
    entered = threading.Event()

    def build() -> None:
        with one_build_at_a_time(warehouse, said.append):
            entered.set()

    with one_build_at_a_time(warehouse, pytest.fail):
        thread = threading.Thread(target=build)
        thread.start()
        assert not entered.wait(0.5)
        assert said == ["Another build is running; waiting for it to end."]
    thread.join(10)
    assert entered.is_set()


def test_build_lock_ends_with_its_session(warehouse: Database) -> None:
    with one_build_at_a_time(warehouse, pytest.fail):
        pass
    with warehouse.connect() as connection:
        row = connection.execute("select pg_try_advisory_lock(%s)", (BUILD_LOCK,)).fetchone()
    assert row == (True,)
