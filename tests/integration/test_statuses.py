"""`casebook status` says what waits as the next load will find it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from orchestration.database import Database
from orchestration.statuses import count_waiting_objects
from raw_loaders import chunks, failpoints
from tests.integration.conftest import Casebook
from tests.landing_parts.events import make_line, make_lines
from tests.landing_parts.places import Place
from tests.landing_parts.redis_servers import running_redis


class Killed(BaseException):
    """What a failpoint raises in place of a kill."""


@pytest.fixture
def place(warehouse: Database, tmp_path: Path) -> Place:
    return Place(tmp_path / "landing", warehouse.connect)


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


def waiting(place: Place) -> int:
    with place.connect() as connection:
        return count_waiting_objects(connection, str(place.root), ["support"])["support"]


def test_a_file_waits_until_it_is_landed_to_its_end(place: Place) -> None:
    path = place.write("a.ndjson", make_lines(range(5)))
    assert waiting(place) == 1
    place.load()
    assert waiting(place) == 0
    path.rename(path.with_name("renamed.ndjson"))
    place.load()
    assert waiting(place) == 0


def test_half_a_line_waits_although_the_file_is_known(place: Place) -> None:
    place.write("a.ndjson", make_lines(range(5)) + make_line(5)[:40])
    assert place.load().objects_waiting == 1
    assert waiting(place) == 1


def test_a_file_rewritten_at_its_size_waits(place: Place) -> None:
    place.write("a.ndjson", make_lines(range(5)))
    place.load()
    place.write("a.ndjson", make_lines(range(5, 10)))
    assert waiting(place) == 1


def test_a_file_whose_load_was_stopped_waits(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_LINES", 1)
    place.write("a.ndjson", make_lines(range(5_000)))

    def kill() -> None:
        raise Killed

    monkeypatch.setitem(failpoints._actions, failpoints.AFTER_COMMIT, kill)
    with pytest.raises(Killed):
        place.load()
    assert 0 < len(place.ids()) < 5_000
    assert waiting(place) == 1


def test_entries_of_a_stream_wait_and_a_redis_that_is_away_is_named(
    casebook: Casebook, warehouse: Database, redis_url: str
) -> None:
    with redis.Redis.from_url(redis_url) as client:
        for number in range(7_531):
            client.xadd("casebook:support", {"event": make_line(number)})
    outcome = casebook("status", DATABASE_URL=warehouse.url, REDIS_URL=redis_url)
    assert outcome.code == 0
    assert "7,531" in outcome.out
    outcome = casebook("status", DATABASE_URL=warehouse.url, REDIS_URL="redis://127.0.0.1:9/0")
    assert outcome.code == 0
    assert "Redis does not answer" in outcome.out
    assert "have not been built yet" in outcome.out


def test_a_bucket_that_is_away_is_named(
    casebook: Casebook, warehouse: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    outcome = casebook("status", DATABASE_URL=warehouse.url, LANDING="s3://events/in")
    assert outcome.code == 0
    assert "cannot be listed" in outcome.out


def test_a_rejected_line_that_a_replay_landed_is_not_counted(
    casebook: Casebook, warehouse: Database, place: Place
) -> None:
    place.write("a.ndjson", make_line(0) + b"\nnot json\nnor this\n")
    place.load()
    before = casebook("status", DATABASE_URL=warehouse.url, LANDING=str(place.root)).out
    assert re.search(r"malformed +│ +2 ", before)
    with place.connect() as connection:
        connection.execute(
            "insert into staging.quarantine_replays (quarantine_id, load_id)"
            " select min(quarantine_id), 1 from staging.quarantine"
        )
    after = casebook("status", DATABASE_URL=warehouse.url, LANDING=str(place.root)).out
    assert re.search(r"malformed +│ +1 ", after)
    assert re.search(r"support +│ +1 │ +1 │ +0 │ +1 │", after)
