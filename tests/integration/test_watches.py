"""What the checks warn of: a day with too few events, fields that came or went, losses."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest

from orchestration.watches import LOSS_BOUND, read_drift, read_losses, read_volume

LATEST = date(2025, 12, 30)


@pytest.fixture
def load_id(connection: psycopg.Connection) -> int:
    row = connection.execute(
        """
        with object as (
            insert into staging.objects (source, object, sha256, bytes)
            values ('support', 'a file', 'ab', 0)
            returning object_id
        )
        insert into staging.loads (
            object_id, start_offset, end_offset, end_line_number,
            read_count, landed_count, duplicate_count, quarantined_count,
            is_last, hash_key_id, catalogue_sha256
        )
        select object_id, 0, 0, 0, 0, 0, 0, 0, true, '', '' from object
        returning load_id
        """
    ).fetchone()
    assert row is not None
    return int(row[0])


def count(
    connection: psycopg.Connection,
    load_id: int,
    day: date,
    lines: int,
    outcome: str = "landed",
    reason: str | None = None,
) -> None:
    connection.execute(
        "insert into staging.load_counts values (%s, 'p', %s, 'session.start', %s, %s, %s)",
        (load_id, day, outcome, reason, lines),
    )


@pytest.mark.parametrize(
    ("events", "is_usual"), [(49, False), (50, True), (200, True), (201, False), (0, False)]
)
def test_volume_is_held_against_the_same_weekday(
    connection: psycopg.Connection, load_id: int, events: int, is_usual: bool
) -> None:
    """Median of 100, 90, 110 and 100 four weeks before; the latest day itself goes on."""
    complete = LATEST - timedelta(days=1)
    count(connection, load_id, LATEST, 1)
    if events:
        count(connection, load_id, complete, events)
    for week, lines in enumerate((100, 90, 110, 100), start=1):
        count(connection, load_id, complete - timedelta(weeks=week), lines)
        count(connection, load_id, complete - timedelta(weeks=week, days=1), 5000)
    volume = read_volume(connection, "support")
    assert (volume.event_date, volume.usual) == (complete.isoformat(), 100)
    assert volume.is_usual is is_usual


def test_volume_of_few_weeks_or_events_is_usual(
    connection: psycopg.Connection, load_id: int
) -> None:
    assert read_volume(connection, "support").is_usual, "nothing has landed"
    for week, lines in enumerate((9000, 100, 100)):
        count(connection, load_id, LATEST - timedelta(weeks=week, days=1), lines)
    count(connection, load_id, LATEST, 1)
    assert read_volume(connection, "support").usual is None


def test_drift_names_the_fields_of_the_latest_week(
    connection: psycopg.Connection, load_id: int
) -> None:
    assert read_drift(connection, "support").new_fields == []
    count(connection, load_id, LATEST, 10)
    count(connection, load_id, LATEST, 10, "violation", "channel")
    count(connection, load_id, LATEST, 9, "violation", "site")
    count(connection, load_id, LATEST, 1, "unknown_field", "mood")
    count(connection, load_id, LATEST - timedelta(days=7), 1, "unknown_field", "old")
    drift = read_drift(connection, "support")
    assert drift.new_fields == ["session.start.mood"]
    assert drift.vanished_fields == ["session.start.channel"], "site came once"


def test_losses_are_of_the_latest_28_days(connection: psycopg.Connection) -> None:
    connection.execute(
        "create table marts.data_quality_daily"
        " (source text, event_date date, lost_events bigint, expected_events bigint)"
    )
    connection.execute(
        "insert into marts.data_quality_daily values"
        " ('support', '2025-12-30', 1, 600), ('support', '2025-12-03', 0, 400),"
        " ('support', '2025-12-02', 77, 100), ('coze_studio', '2025-12-30', 0, null)"
    )
    (loss,) = read_losses(connection)
    assert (loss.source, loss.lost_events, loss.expected_events) == ("support", 1, 1000)
    assert not loss.rate < LOSS_BOUND, "one in a thousand is too much"
