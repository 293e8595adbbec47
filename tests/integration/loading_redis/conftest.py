"""One server for the tests of a module, empty before each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from orchestration.database import Database
from raw_loaders import failpoints
from tests.landing_parts.places import Place
from tests.landing_parts.redis_servers import running_redis


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
