"""A Redis that is away, none, or not what the URL says: one sentence, without its password."""

from __future__ import annotations

import dataclasses
import traceback
from pathlib import Path

import pytest
import redis

from orchestration.database import Database
from raw_loaders import redis_streams
from raw_loaders.errors import RetriableError, SettingsError
from tests.landing_parts.events import make_line
from tests.landing_parts.places import Place
from tests.landing_parts.streams import STREAM, add, expected


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
