"""Entries of a Redis stream: each lands once, whoever dies when, and as it was sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
import redis

from raw_loaders import chunks, failpoints, redis_streams
from raw_loaders.lines import MAX_LINE_BYTES
from raw_loaders.redis_clients import GROUP
from raw_loaders.redis_scripts import STEP_ENTRIES
from raw_loaders.redis_streams import BATCH_ENTRIES
from tests.landing_parts.places import Place
from tests.landing_parts.streams import STREAM, add, expected, load_killed


def test_entries_land_once_and_leave_the_stream(place: Place, client: redis.Redis) -> None:
    add(client, range(BATCH_ENTRIES + 5))
    client.xadd(STREAM, {"event": "not json"})
    client.xadd(STREAM, {"other": "field"})
    report = place.load()
    assert (report.landed, report.quarantined) == (BATCH_ENTRIES + 5, {"malformed": 2})
    assert client.xlen(STREAM) == 0
    assert place.load().read == 0
    add(client, range(5, BATCH_ENTRIES + 6))
    report = place.load()
    assert (report.landed, report.duplicate, report.lost) == (1, BATCH_ENTRIES, 0)


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        (["data", '{"id": "1"}'], [["data", '{"id": "1"}']]),
        (["event", "  \n", "a", "b"], [["event", "  \n"], ["a", "b"]]),
        (["event", "one", "event", "two"], [["event", "one"], ["event", "two"]]),
        (["data", b"\xff\n\xc3\xa4"], [["data", "\udcff\n\xe4"]]),
    ],
)
@pytest.mark.parametrize("is_claimed", [False, True])
def test_an_entry_without_one_event_is_kept_in_quarantine(
    place: Place,
    client: redis.Redis,
    fields: list[str | bytes],
    kept: list[list[str]],
    *,
    is_claimed: bool,
) -> None:
    """It was landed as `null`, or not read at all, and then deleted: it was nowhere any more.

    Claimed, a field that came twice was kept once.
    """
    untyped: Any = client  # whose xadd takes no field twice
    untyped.execute_command("XADD", STREAM, "*", *fields)
    add(client, range(1))
    if is_claimed:
        load_killed(place, failpoints.BEFORE_COMMIT)
    report = place.load()
    assert (report.read, report.landed, report.quarantined) == (2, 1, {"malformed": 1})
    assert client.xlen(STREAM) == 0
    raw = place.value("select raw_bytes from staging.quarantine_raw")
    assert isinstance(raw, bytes)
    assert json.loads(raw) == kept


def test_no_stream_yet_is_nothing_to_land(place: Place) -> None:
    assert place.load().read == 0


@pytest.mark.parametrize("name", failpoints.NAMES)
def test_a_loader_killed_anywhere_leaves_nothing_lost_or_doubled(
    place: Place, client: redis.Redis, name: str
) -> None:
    add(client, range(50))
    client.xadd(STREAM, {"event": "not json"})
    load_killed(place, name)
    place.load()
    assert place.ids() == expected(50)
    assert place.quarantined() == [(51, "malformed")]
    assert place.value("select sum(read_count) from staging.loads") == 51
    assert client.xlen(STREAM) == 0


@pytest.mark.parametrize("then", ["split", "trim"])
def test_a_batch_of_more_bytes_than_a_chunk_is_not_taken_apart(
    place: Place, client: redis.Redis, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    """It was cut, and what was left of it when it came again was read twice, or called lost."""
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 100)
    add(client, range(5))
    client.xadd(STREAM, {"event": b"x" * (MAX_LINE_BYTES + 1)})
    add(client, range(5, 10))
    load_killed(place, failpoints.AFTER_COMMIT)
    if then == "split":
        monkeypatch.setattr(redis_streams, "BATCH_ENTRIES", 4)
    else:
        client.xtrim(STREAM, maxlen=3, approximate=False)
    assert place.load().lost == 0
    assert place.ids() == expected(10)
    assert place.quarantined() == [(6, "too_long")]
    assert place.value("select sum(read_count) from staging.loads") == 11
    assert client.xlen(STREAM) == 0


def test_what_a_dead_consumer_read_is_claimed(place: Place, client: redis.Redis) -> None:
    add(client, range(5))
    place.load()
    add(client, range(5, 9))
    client.xreadgroup("casebook", "somebody", {STREAM: ">"}, count=3)
    report = place.load()
    assert (report.landed, report.lost) == (4, 0)
    assert place.ids() == expected(9)


@pytest.mark.parametrize("is_claimed", [False, True])
def test_a_batch_ends_with_its_bytes(
    place: Place, client: redis.Redis, monkeypatch: pytest.MonkeyPatch, *, is_claimed: bool
) -> None:
    """4,000 entries of 100 kB were one batch, of 400 MB and twice that of memory."""
    monkeypatch.setattr(redis_streams, "BATCH_BYTES", 1000, raising=False)
    add(client, range(40))
    if is_claimed:
        client.xgroup_create(STREAM, GROUP, id="0")
        client.xreadgroup(GROUP, "somebody", {STREAM: ">"})
    place.load()
    assert place.ids() == expected(40)
    assert place.rows("select max(read_count), sum(read_count)::int from staging.loads") == [
        (STEP_ENTRIES, 40)
    ]
