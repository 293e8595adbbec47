"""What vanished from a Redis stream before it landed is counted, once, whoever dies when."""

from __future__ import annotations

from typing import Any

import pytest
import redis

from orchestration.statuses import read_stream_losses
from raw_loaders import failpoints
from raw_loaders.redis_clients import GROUP
from tests.landing_parts.places import Place
from tests.landing_parts.streams import (
    BEFORE_LOSSES,
    LOSSES,
    LOST,
    STREAM,
    add,
    expected,
    load_killed,
    make_anew,
)


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


def read_as_somebody(client: redis.Redis, count: int) -> None:
    client.xreadgroup(GROUP, "somebody", {STREAM: ">"}, count=count)


def test_losses_leave_redis_when_the_ledger_has_them(place: Place, client: redis.Redis) -> None:
    """All there ever were went to the ledger again with each batch."""
    for _ in range(3):
        add(client, range(4))
        client.xtrim(STREAM, maxlen=1, approximate=False)
        place.load()
    assert place.value(LOST) == 9
    assert client.hkeys(LOSSES) == [b"life", b"gone", b"deleted"]


@pytest.mark.parametrize("how", ["flushall", "delete"])
def test_losses_of_a_stream_that_was_made_anew_are_counted_too(
    place: Place, client: redis.Redis, how: str
) -> None:
    """Both lives lost from their first entry on, so the second loss was taken for the first."""
    for _ in range(2):
        add(client, range(100))
        client.xtrim(STREAM, maxlen=10, approximate=False)
        assert place.load().lost == 90
        make_anew(client, how)
    assert place.value(LOST) == 180


def test_more_entries_than_the_stream_before_had_do_not_hide_that_it_was_made_anew(
    place: Place, client: redis.Redis
) -> None:
    add(client, range(10))
    place.load()
    make_anew(client, "delete")
    add(client, range(100))
    client.xtrim(STREAM, maxlen=20, approximate=False)
    assert place.load().lost == 80


def test_losses_that_a_killed_loader_did_not_record_outlive_their_stream(
    place: Place, client: redis.Redis
) -> None:
    """The stream made anew took them along: the next script began with an empty hash."""
    add(client, range(10))
    client.xtrim(STREAM, maxlen=7, approximate=False)
    load_killed(place, BEFORE_LOSSES)
    make_anew(client, "delete")
    add(client, range(1))
    assert place.load().lost == 3


def test_entries_trimmed_while_pending_outlive_a_loader_that_is_killed_over_them(
    place: Place, client: redis.Redis
) -> None:
    """XAUTOCLAIM had forgotten them when the ledger did not know of them yet."""
    add(client, range(6))
    place.load()
    add(client, range(6, 12))
    read_as_somebody(client, 3)
    client.xtrim(STREAM, maxlen=4, approximate=False)
    load_killed(place, BEFORE_LOSSES)
    assert place.load().lost == 2
    assert place.load().lost == 0


def test_entries_committed_and_then_trimmed_are_not_lost(place: Place, client: redis.Redis) -> None:
    add(client, range(6))
    client.xtrim(STREAM, maxlen=5, approximate=False)
    load_killed(place, failpoints.BEFORE_ACK)
    client.xtrim(STREAM, maxlen=2, approximate=False)
    load_killed(place, failpoints.AFTER_READ)
    place.load()
    assert place.value(LOST) == 1
    assert len(place.ids()) == 5
    assert (client.xlen(STREAM), client.xpending(STREAM, GROUP)["pending"]) == (0, 0)


def test_losses_that_were_recorded_and_not_taken_out_of_redis_count_once(
    place: Place, client: redis.Redis
) -> None:
    add(client, range(10))
    client.xtrim(STREAM, maxlen=7, approximate=False)
    load_killed(place, BEFORE_LOSSES)
    untyped: Any = client
    fields = untyped.hgetall(LOSSES)
    assert place.load().lost == 3
    client.hset(LOSSES, mapping={name: n for name, n in fields.items() if b" " in name})
    assert place.load().lost == 0
    assert place.value(LOST) == 3


def test_losses_are_counted_across_a_group_that_was_made_anew(
    place: Place, client: redis.Redis
) -> None:
    """Entries that came again hid as many that were trimmed."""
    add(client, range(5))
    place.load()
    add(client, range(5, 15))
    load_killed(place, failpoints.AFTER_COPY)
    client.xgroup_destroy(STREAM, GROUP)
    client.xtrim(STREAM, maxlen=7, approximate=False)
    assert place.load().failed
    client.xgroup_create(STREAM, GROUP, id="0")
    report = place.load()
    assert (report.landed, report.lost) == (7, 3)


def test_losses_are_counted_after_the_counter_of_the_stream_was_set_back(
    place: Place, client: redis.Redis
) -> None:
    add(client, range(5))
    place.load()
    add(client, range(5, 8))
    last = client.xinfo_stream(STREAM)["last-generated-id"]
    untyped: Any = client
    untyped.execute_command("XSETID", STREAM, last, "ENTRIESADDED", 3, "MAXDELETEDID", last)
    report = place.load()
    assert (report.landed, report.lost) == (3, 0)
    add(client, range(8, 12))
    client.xtrim(STREAM, maxlen=1, approximate=False)
    assert place.load().lost == 3
    assert place.ids() == [*expected(8), "e000011"]


@pytest.mark.parametrize("earlier", [{}, {"life": "a", "ordinal": 5, "read": 5, "3": 90}])
def test_a_hash_that_went_or_is_an_earlier_releases_makes_no_losses_of_what_landed(
    place: Place, client: redis.Redis, earlier: dict[str, str | int]
) -> None:
    add(client, range(5))
    place.load()
    client.delete(LOSSES)
    for name, value in earlier.items():
        client.hset(LOSSES, name, str(value))
    add(client, range(5, 7))
    report = place.load()
    assert (report.landed, report.lost) == (2, 0)
