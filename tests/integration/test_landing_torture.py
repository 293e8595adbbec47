"""Whatever is killed, wherever: a re-run lands exactly what was delivered.

A few fixed trials here; `make torture-landing` runs hundreds of random ones.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis
from psycopg import sql

from orchestration.database import Database
from orchestration.embedded_postgres import EmbeddedPostgres
from orchestration.migrations import apply_migrations
from raw_loaders import failpoints
from tests.crashes import stop_immediately
from tests.landing_parts.deliveries import Delivered, run_loader, start_loader
from tests.landing_parts.loader_process import Order
from tests.landing_parts.places import Place
from tests.landing_parts.redis_servers import running_redis
from tests.landing_parts.streams import LOST, STREAM, Writer

# What of the failpoints a load of files alone reaches.
FILE_FAILPOINTS = [failpoints.AFTER_COPY, failpoints.BEFORE_COMMIT, failpoints.AFTER_COMMIT]
# Entries of a stream removed before they can be read.
LOST_AT_ONCE = 7
TRIALS = int(os.environ.get("TORTURE_LANDING_TRIALS", "300"))
SEED = int(os.environ.get("TORTURE_LANDING_SEED", "1"))


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def place(warehouse: Database, tmp_path: Path) -> Place:
    return Place(tmp_path / "landing", warehouse.connect)


def deliver(place: Place, seed: int) -> Delivered:
    delivered = Delivered()
    draw = random.Random(seed)
    for number in range(3):
        delivered.write_file(draw, place, number, 700)
    return delivered


def fill_stream(redis_url: str, delivered: Delivered) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        Writer(client).add(delivered.draw_lines(random.Random(8), 100))


@pytest.mark.parametrize("after", [1, 3])
@pytest.mark.parametrize("name", FILE_FAILPOINTS)
def test_a_loader_killed_at_a_failpoint_is_resumed(
    place: Place, warehouse: Database, name: str, after: int
) -> None:
    delivered = deliver(place, seed=after)
    order = Order(warehouse.url, str(place.root))
    killed = Order(warehouse.url, str(place.root), kill_at=name, kill_after=after)
    assert run_loader(killed) == -signal.SIGKILL
    assert run_loader(order) == 0
    delivered.check(place)


def test_loaders_on_the_same_files_share_them(place: Place, warehouse: Database) -> None:
    delivered = deliver(place, seed=5)
    loaders = [start_loader(Order(warehouse.url, str(place.root))) for _ in range(3)]
    assert [loader.communicate() and loader.returncode for loader in loaders] == [0, 0, 0]
    delivered.check(place)


def test_loaders_on_files_with_the_same_events_land_each_once(
    place: Place, warehouse: Database, tmp_path: Path
) -> None:
    content = b"\n".join(Delivered().draw_lines(random.Random(9), 2000)) + b"\n"
    places = [Place(tmp_path / str(number), warehouse.connect) for number in range(3)]
    for number, one in enumerate(places):
        # Another name and a blank line more: not the same object, nor one that begins alike.
        one.write(f"{number}.ndjson", b"\n" * number + content)
    loaders = [start_loader(Order(warehouse.url, str(one.root))) for one in places]
    assert [loader.communicate() and loader.returncode for loader in loaders] == [0, 0, 0]
    delivered = Delivered()
    delivered.draw_lines(random.Random(9), 2000)
    delivered.lines, delivered.bad = 6000, 3 * delivered.bad
    delivered.check(place)


def test_a_loader_that_lost_its_session_says_so_and_is_resumed(
    place: Place, warehouse: Database
) -> None:
    delivered = deliver(place, seed=6)
    loader = start_loader(Order(warehouse.url, str(place.root), chunk_lines=20))
    while not place.value("select count(*) from staging.loads"):
        time.sleep(0.01)
    with warehouse.connect(autocommit=True) as connection:
        terminate_others(connection)
    _, said = loader.communicate()
    if loader.returncode:
        assert b"The database failed while support was landed (" in said
        assert said.rstrip().endswith(b"run it again.")
    assert run_loader(Order(warehouse.url, str(place.root))) == 0
    delivered.check(place)


@pytest.mark.parametrize(
    ("variant", "name"),
    [
        ("ledger first", failpoints.AFTER_COPY),
        ("ack first", failpoints.BEFORE_COMMIT),
        ("no unique key", failpoints.AFTER_COMMIT),
    ],
)
def test_a_broken_variant_is_caught(
    place: Place, warehouse: Database, redis_url: str, variant: str, name: str
) -> None:
    delivered = deliver(place, seed=7)
    fill_stream(redis_url, delivered)
    after = 1
    if variant == "ack first":
        # The files first, undisturbed.
        assert run_loader(Order(warehouse.url, str(place.root), variant=variant)) == 0
    order = Order(
        warehouse.url,
        str(place.root),
        redis_url=redis_url,
        variant=variant,
        kill_at=name,
        kill_after=after,
    )
    assert run_loader(order) == -signal.SIGKILL
    order.kill_at = None
    run_loader(order)
    with pytest.raises(AssertionError):
        delivered.check(place)


def test_a_loader_that_trusts_ids_alone_is_caught(
    place: Place, warehouse: Database, redis_url: str
) -> None:
    """The stream is made anew with other entries of the same ids."""
    delivered = Delivered()
    fill_stream(redis_url, delivered)
    order = Order(
        warehouse.url, str(place.root), redis_url=redis_url, chunk_lines=10, variant="ids alone"
    )
    assert run_loader(order) == 0
    with redis.Redis.from_url(redis_url) as client:
        writer = Writer(client)
        writer.make_anew("delete")
        writer.add(delivered.draw_lines(random.Random(9), 100))
    assert run_loader(order) == 0
    with pytest.raises(AssertionError):
        delivered.check(place)


@pytest.mark.parametrize("is_whole", [True])
def test_the_check_passes_when_nothing_is_broken(
    place: Place, warehouse: Database, redis_url: str, *, is_whole: bool
) -> None:
    delivered = deliver(place, seed=7)
    fill_stream(redis_url, delivered)
    for name in failpoints.NAMES:
        order = Order(warehouse.url, str(place.root), redis_url=redis_url, kill_at=name)
        assert run_loader(order) == -signal.SIGKILL
    assert run_loader(Order(warehouse.url, str(place.root), redis_url=redis_url)) == 0
    delivered.check(place)


@pytest.fixture
def own_server() -> Iterator[EmbeddedPostgres]:
    """A server that may be stopped under its clients."""
    home = Path(tempfile.mkdtemp(prefix="casebook-torture-"))
    home.chmod(0o755)
    server = EmbeddedPostgres(home)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(home)


def test_random_trials_a_few(own_server: EmbeddedPostgres, redis_url: str, tmp_path: Path) -> None:
    for number in range(4):
        run_trial(own_server, redis_url, tmp_path / str(number), seed=number)


@pytest.mark.torture
@pytest.mark.timeout(0)
def test_random_trials_many(own_server: EmbeddedPostgres, redis_url: str, tmp_path: Path) -> None:
    """Print what was done at the end, for docs/reliability.md."""
    did: Counter[str] = Counter()
    started = time.monotonic()
    for number in range(TRIALS):
        did += run_trial(own_server, redis_url, tmp_path / str(number), SEED * 100_000 + number)
        shutil.rmtree(tmp_path / str(number))
        if (number + 1) % 10 == 0:
            print(  # noqa: T201 - what the run is for
                f"{number + 1} trials, {time.monotonic() - started:.0f} s: {dict(did)}"
            )


def run_trial(server: EmbeddedPostgres, redis_url: str, folder: Path, seed: int) -> Counter[str]:
    """Deliver, disturb, land at last, check; give how often what was done."""
    draw = random.Random(seed)
    url = create_warehouse(server, f"trial_{seed}")
    place = Place(folder, lambda: psycopg.connect(url))
    delivered = Delivered()
    did: Counter[str] = Counter(trials=1)
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
        writer = Writer(client)
        for round_number in range(draw.randint(1, 3)):
            for number in range(draw.randint(1, 3)):
                delivered.write_file(draw, place, 10 * round_number + number, draw.randint(1, 900))
            # One of which no more were gone than are lost below would look like the next one.
            if round_number and writer.last_id > LOST_AT_ONCE and draw.random() < 0.7:
                # What the ledger does not know yet, of entries and losses, would go with it.
                assert run_loader(Order(url, str(place.root), redis_url=redis_url)) == 0
                how = draw.choice(["flushall", "delete"])
                writer.make_anew(how)
                did[f"stream made anew: {how}"] += 1
            writer.lose(draw.choice([0, 0, LOST_AT_ONCE]))
            writer.add(delivered.draw_lines(draw, draw.choice([0, 150])))
            did += disturb(draw, server, url, str(place.root), redis_url)
        assert run_loader(Order(url, str(place.root), redis_url=redis_url)) == 0
        delivered.check(place)
        assert place.value(LOST) == writer.lost
        assert client.xlen(STREAM) == 0
    did["lost entries"] = writer.lost
    did["lines"] = delivered.lines
    with psycopg.connect(server.start(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("drop database {} with (force)").format(sql.Identifier(f"trial_{seed}"))
        )
    return did


def disturb(
    draw: random.Random, server: EmbeddedPostgres, url: str, root: str, redis_url: str
) -> Counter[str]:
    """Let some loaders run and do something to them."""
    action = draw.choice(["failpoint", "kill -9", "pg_terminate_backend", "immediate stop"])
    count = draw.randint(1, 3)
    orders = [
        Order(url, root, redis_url=redis_url, chunk_lines=draw.choice([20, 200]))
        for _ in range(count)
    ]
    if action == "failpoint":
        for order in orders:
            order.kill_at = draw.choice(failpoints.NAMES)
            order.kill_after = draw.choice([1, 2, 4, 8, 16, 32, 64])
    loaders = [start_loader(order) for order in orders]
    wait_for_work(url, draw.uniform(0, 0.4))
    if action == "kill -9":
        for loader in loaders:
            loader.kill()
            time.sleep(draw.uniform(0, 0.2))
    elif action == "pg_terminate_backend":
        with psycopg.connect(url, autocommit=True) as connection:
            terminate_others(connection)
    elif action == "immediate stop":
        stop_immediately(server)
        server.start()
    for loader in loaders:
        loader.communicate()
    killed = sum(1 for loader in loaders if loader.returncode)
    return Counter({action: 1, "loaders": count, "loaders that died": killed})


def wait_for_work(url: str, seconds: float) -> None:
    """Wait until a loader is connected, and a little longer."""
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(200):
            row = connection.execute(
                "select count(*) from pg_stat_activity where datname = current_database()"
            ).fetchone()
            if row and row[0] > 1:
                break
            time.sleep(0.02)
    time.sleep(seconds)


def terminate_others(connection: psycopg.Connection) -> None:
    connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )


def create_warehouse(server: EmbeddedPostgres, name: str) -> str:
    url = server.start()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    own = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    with psycopg.connect(own, autocommit=True) as connection:
        apply_migrations(connection, own)
    return own
