"""Entries of a Redis stream: each lands once, whoever dies when, and none vanishes unseen."""

from __future__ import annotations

import dataclasses
import json
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from orchestration.database import Database
from orchestration.statuses import read_stream_losses
from raw_loaders import chunks, failpoints, redis_streams
from raw_loaders.errors import RetriableError, SettingsError
from raw_loaders.lines import MAX_LINE_BYTES
from raw_loaders.redis_clients import GROUP
from raw_loaders.redis_streams import BATCH_ENTRIES
from tests.landing_parts.events import make_line
from tests.landing_parts.places import Place
from tests.landing_parts.redis_servers import running_redis

STREAM = "casebook:support"


class Killed(BaseException):
    """What a failpoint raises in place of a kill."""


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture
def place(client: redis.Redis, redis_url: str, warehouse: Database, tmp_path: Path) -> Place:
    return Place(tmp_path, warehouse.connect, redis_url=redis_url)


@pytest.fixture(autouse=True)
def _disarm() -> Iterator[None]:
    yield
    for name in failpoints.NAMES:
        failpoints.arm(name, None)


def add(client: redis.Redis, numbers: range) -> list[Any]:
    pipeline = client.pipeline(transaction=False)
    for number in numbers:
        pipeline.xadd(STREAM, {"event": make_line(number)})
    return pipeline.execute()


def expected(count: int) -> list[str]:
    return [f"e{number:06d}" for number in range(count)]


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
def test_an_entry_without_one_event_is_kept_in_quarantine(
    place: Place, client: redis.Redis, fields: list[str | bytes], kept: list[list[str]]
) -> None:
    """It was landed as `null`, or not read at all, and then deleted: it was nowhere any more."""
    untyped: Any = client  # whose xadd takes no field twice
    untyped.execute_command("XADD", STREAM, "*", *fields)
    add(client, range(1))
    report = place.load()
    assert (report.read, report.landed, report.quarantined) == (2, 1, {"malformed": 1})
    assert client.xlen(STREAM) == 0
    raw = place.value("select raw_bytes from staging.quarantine_raw")
    assert isinstance(raw, bytes)
    assert json.loads(raw) == kept


def test_losses_of_a_stream_that_was_made_anew_are_counted_too(
    place: Place, client: redis.Redis
) -> None:
    """Both lives lost from their first entry on, so the second loss was taken for the first."""
    for _ in range(2):
        add(client, range(100))
        client.xtrim(STREAM, maxlen=10, approximate=False)
        assert place.load().lost == 90
        client.flushall()
        client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    assert place.value("select sum(entry_count) from staging.stream_losses") == 180


def test_ids_of_a_stream_before_are_not_taken_for_landed(place: Place, client: redis.Redis) -> None:
    """What a killed loader had read of the new stream was acknowledged, and gone."""

    def kill() -> None:
        raise Killed

    def add_with_ids(numbers: range) -> None:
        for position, number in enumerate(numbers, 1):
            fields: Any = {"event": make_line(number)}
            client.xadd(STREAM, fields, id=f"{position}-0")

    add_with_ids(range(3))
    assert place.load().landed == 3
    client.flushall()
    client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    add_with_ids(range(3, 6))
    failpoints.arm(failpoints.AFTER_COPY, kill)
    with pytest.raises(Killed):
        place.load()
    failpoints.arm(failpoints.AFTER_COPY, None)
    assert place.load().landed == 3
    assert place.ids() == expected(6)


def test_no_stream_yet_is_nothing_to_land(place: Place) -> None:
    assert place.load().read == 0


@pytest.mark.parametrize("name", failpoints.NAMES)
def test_a_loader_killed_anywhere_leaves_nothing_lost_or_doubled(
    place: Place, client: redis.Redis, name: str
) -> None:
    add(client, range(50))
    client.xadd(STREAM, {"event": "not json"})

    def kill() -> None:
        raise Killed

    failpoints.arm(name, kill)
    with pytest.raises(Killed):
        place.load()
    failpoints.arm(name, None)
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

    def kill() -> None:
        raise Killed

    failpoints.arm(failpoints.AFTER_COMMIT, kill)
    with pytest.raises(Killed):
        place.load()
    failpoints.arm(failpoints.AFTER_COMMIT, None)
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


def test_entries_trimmed_unread_are_counted_once(place: Place, client: redis.Redis) -> None:
    add(client, range(10))
    client.xtrim(STREAM, maxlen=7, approximate=False)
    report = place.load()
    assert (report.landed, report.lost) == (7, 3)
    assert report.noticed == [
        f"3 entries of the Redis stream {STREAM} were trimmed before they were read: they are lost."
    ]
    add(client, range(10, 20))
    client.xtrim(STREAM, maxlen=6, approximate=False)
    report = place.load()
    assert (report.landed, report.lost) == (6, 4)
    add(client, range(20, 22))
    report = place.load()
    assert (report.landed, report.lost) == (2, 0)
    assert place.value("select sum(entry_count) from staging.stream_losses") == 7
    with place.connect() as connection:
        ((stream, count, _),) = read_stream_losses(connection)
    assert (stream, count) == (STREAM, 7)


def test_entries_trimmed_while_a_dead_consumer_had_them_are_lost(
    place: Place, client: redis.Redis
) -> None:
    add(client, range(2))
    place.load()
    add(client, range(2, 6))
    client.xreadgroup("casebook", "somebody", {STREAM: ">"}, count=3)
    client.xtrim(STREAM, maxlen=2, approximate=False)
    report = place.load()
    assert (report.landed, report.lost) == (2, 2)


@pytest.mark.parametrize("vanish", ["flushall", "delete the group"])
def test_a_vanished_group_is_an_error_that_says_what_to_do(
    place: Place, client: redis.Redis, vanish: str
) -> None:
    add(client, range(5))
    place.load()
    if vanish == "flushall":
        client.flushall()
    else:
        client.xgroup_destroy(STREAM, "casebook")
    (failure,) = place.load().failed
    assert f"redis-cli XGROUP CREATE {STREAM} casebook 0 MKSTREAM" in failure
    client.xgroup_create(STREAM, "casebook", id="0", mkstream=True)
    add(client, range(5, 7))
    report = place.load()
    assert (report.landed, report.failed) == (2, [])


def test_a_redis_that_is_away_is_one_sentence(warehouse: Database, tmp_path: Path) -> None:
    place = Place(tmp_path, warehouse.connect, redis_url="redis://127.0.0.1:9/0")
    place.write("a.ndjson", make_line(0) + b"\n")
    with pytest.raises(RetriableError) as caught:
        place.load()
    assert str(caught.value) == (
        "Redis does not answer (Error 111 connecting to 127.0.0.1:9. Connection refused): "
        "start it, or correct CASEBOOK_REDIS_URL, and run it again."
    )
    assert place.ids() == expected(1)


@pytest.mark.parametrize(
    "url",
    [
        "http://:secret@127.0.0.1:9",
        "redis://:secret#@127.0.0.1:9",
        "redis://:secret@..:9",
        "redis://:secret@127.0.0.1:9?socket_timeout=soon",
        "redis://:secret@127.0.0.1:9?unknown=1",
        "redis://:secret@127.0.0.1:9?retry=3",
    ],
)
def test_a_url_that_is_none_is_one_sentence(url: str) -> None:
    """It was a traceback, of redis-py or of what it calls, that may quote the password."""
    with pytest.raises(SettingsError, match=r"^CASEBOOK_REDIS_URL is no URL of a Redis") as caught:
        redis_streams.count_entries(url, "support")
    assert "secret" not in "".join(traceback.format_exception(caught.value))


def test_a_load_from_a_url_that_is_none_is_one_sentence(place: Place) -> None:
    with pytest.raises(SettingsError, match=r"^CASEBOOK_REDIS_URL is no URL of a Redis"):
        dataclasses.replace(place, redis_url="http://x").load()


def test_a_key_that_is_no_stream_is_one_sentence(place: Place, client: redis.Redis) -> None:
    client.set(STREAM, "x")
    with pytest.raises(RetriableError, match=f"^Redis refuses to read {STREAM}: WRONGTYPE"):
        place.load()


def test_options_of_the_url_do_not_change_what_is_read(
    place: Place, client: redis.Redis, redis_url: str
) -> None:
    add(client, range(2))
    place = dataclasses.replace(place, redis_url=f"{redis_url}?decode_responses=yes")
    assert place.load().landed == 2
