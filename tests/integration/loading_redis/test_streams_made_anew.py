"""A stream or group that vanished, or went back, and is there again: nothing of it is mistaken."""

from __future__ import annotations

import pytest
import redis

from raw_loaders import failpoints, redis_streams
from raw_loaders.redis_clients import GROUP
from tests.landing_parts.places import Place
from tests.landing_parts.streams import LOSSES, STREAM, add, expected, load_killed, make_anew


@pytest.mark.parametrize("vanish", ["flushall", "delete", "delete the group"])
def test_a_vanished_group_is_an_error_that_says_what_to_do(
    place: Place, client: redis.Redis, vanish: str
) -> None:
    add(client, range(5))
    place.load()
    match vanish:
        case "flushall":
            client.flushall()
        case "delete":
            client.delete(STREAM)
        case _:
            client.xgroup_destroy(STREAM, GROUP)
    (failure,) = place.load().failed
    assert f"redis-cli XGROUP CREATE {STREAM} casebook 0 MKSTREAM" in failure
    client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    add(client, range(5, 7))
    report = place.load()
    assert (report.landed, report.failed) == (2, [])


@pytest.mark.parametrize("count", [3, 5])
@pytest.mark.parametrize("how", ["flushall", "delete"])
@pytest.mark.parametrize("name", [failpoints.AFTER_COPY, failpoints.BEFORE_ACK])
def test_ids_of_a_stream_before_are_not_taken_for_landed(
    place: Place, client: redis.Redis, how: str, count: int, name: str
) -> None:
    """What a killed loader had read of the new stream was acknowledged, and gone."""
    add(client, range(3), first_id=1)
    assert place.load().landed == 3
    make_anew(client, how)
    add(client, range(3, 3 + count), first_id=1)
    load_killed(place, name)
    report = place.load()
    assert place.ids() == expected(3 + count)
    assert (report.lost, client.xlen(STREAM)) == (0, 0)


def test_entries_that_come_again_as_they_were_are_known(place: Place, client: redis.Redis) -> None:
    add(client, range(3), first_id=1)
    place.load()
    make_anew(client, "delete")
    add(client, range(5), first_id=1)
    report = place.load()
    assert (report.read, report.landed, client.xlen(STREAM)) == (2, 2, 0)


def test_a_stream_made_anew_between_commit_and_acknowledgement_keeps_its_entries(
    place: Place, client: redis.Redis
) -> None:
    """Those with the ids of the batch were deleted unread."""
    add(client, range(3), first_id=1)

    def replace() -> None:
        failpoints.arm(failpoints.BEFORE_ACK, None)
        make_anew(client, "delete")
        add(client, range(3, 6), first_id=1)

    failpoints.arm(failpoints.BEFORE_ACK, replace)
    report = place.load()
    assert (report.landed, report.lost) == (6, 0)
    assert place.ids() == expected(6)


@pytest.mark.parametrize("name", [failpoints.AFTER_COMMIT, failpoints.BEFORE_ACK])
@pytest.mark.parametrize("is_read", [True, False])
def test_a_redis_that_went_back_to_an_older_state_gives_nothing_twice(
    place: Place,
    client: redis.Redis,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    *,
    is_read: bool,
) -> None:
    """Entries that were new again landed in other batches: lines were counted twice."""
    add(client, range(2))
    place.load()
    add(client, range(2, 12))
    client.xadd(STREAM, {"event": "not json"})
    if is_read:
        load_killed(place, failpoints.AFTER_COPY)
    state = {key: client.dump(key) for key in (STREAM, LOSSES)}
    load_killed(place, name)
    place.load()
    client.flushall()
    for key, value in state.items():
        client.restore(key, 0, value)  # type: ignore[arg-type]
    monkeypatch.setattr(redis_streams, "BATCH_ENTRIES", 4)
    add(client, range(12, 14))
    report = place.load()
    assert (report.read, report.landed, report.lost) == (2, 2, 0)
    assert place.ids() == expected(14)
    assert place.quarantined() == [(11, "malformed")]
    assert client.xlen(STREAM) == 0


def test_loaders_in_a_row_that_die_over_different_batches_land_each_entry_once(
    place: Place, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(client, range(20))
    for size, name in ((7, failpoints.AFTER_COPY), (5, failpoints.BEFORE_ACK), (3, "after_commit")):
        monkeypatch.setattr(redis_streams, "BATCH_ENTRIES", size)
        load_killed(place, name)
    place.load()
    assert place.ids() == expected(20)
    assert place.value("select sum(read_count)::int from staging.loads") == 20
    assert client.xlen(STREAM) == 0
