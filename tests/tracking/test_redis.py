"""Redis Streams: first choice while it answers, the spool while it does not."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from casebook_tracking import Tracker
from casebook_tracking.redis_streams import FIELD

from tests.tracking.conftest import (
    RedisServer,
    run_child,
    sealed_events,
    wait_until,
    without_heartbeats,
)

STREAM = "casebook:support"


def streamed(server: RedisServer) -> list[dict[str, object]]:
    with server.client() as client:
        entries = client.xrange(STREAM)
    return [json.loads(fields[FIELD.encode()]) for _, fields in entries]


@pytest.fixture
def quick_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casebook_tracking.outlets.FIRST_RETRY_SECONDS", 0.1)
    monkeypatch.setattr("casebook_tracking.outlets.LAST_RETRY_SECONDS", 0.2)


def test_events_go_to_the_stream_in_order(redis_server: RedisServer, spool: Path) -> None:
    tracker = Tracker("/a", spool, redis_url=redis_server.url)
    for number in range(2000):
        tracker.track("agent.login", agent_id=str(number))
    assert tracker.close()
    events = streamed(redis_server)
    assert [int(str(event["sequence"])) for event in events] == list(range(1, 2002))
    assert events[-1]["data"] == {"sent": 2000, "spooled": 0, "dropped": 0, "errors": 0}
    assert sealed_events(spool) == []


@pytest.mark.usefixtures("quick_retry")
def test_redis_away_and_back_loses_nothing(redis_server: RedisServer, spool: Path) -> None:
    tracker = Tracker("/a", spool, redis_url=redis_server.url)
    for phase in ("before", "away", "back"):
        if phase == "away":
            before = streamed(redis_server)
            redis_server.stop()
        elif phase == "back":
            redis_server.start()
            time.sleep(0.3)
        for _ in range(500):
            tracker.track("agent.login", agent_id=phase)
        assert tracker.flush()
    assert tracker.close()
    spooled = sealed_events(spool)
    everything = [*before, *streamed(redis_server), *spooled]
    assert {int(str(event["sequence"])) for event in everything} == set(range(1, 1502))
    assert len(without_heartbeats(spooled)) >= 500
    assert {event["data"].get("agent_id") for event in spooled} <= {"away", "back", None}
    assert tracker.counters.dropped == 0
    assert tracker.counters.spooled == len(spooled)


@pytest.mark.usefixtures("quick_retry")
def test_redis_that_hangs_costs_the_caller_nothing(redis_server: RedisServer, spool: Path) -> None:
    tracker = Tracker("/a", spool, redis_url=redis_server.url)
    tracker.track("agent.login", agent_id="warm")
    assert tracker.flush()
    redis_server.freeze()
    slowest = 0.0
    for _ in range(500):
        started = time.perf_counter()
        tracker.track("agent.login", agent_id="a")
        slowest = max(slowest, time.perf_counter() - started)
        time.sleep(0.001)
    assert tracker.flush(5.0)
    redis_server.thaw()
    assert slowest < 0.2
    assert tracker.close(5.0)
    events = [*streamed(redis_server), *sealed_events(spool)]
    assert {int(str(event["sequence"])) for event in events} == set(range(1, 503))


def test_full_redis_counts_as_away(redis_server: RedisServer, spool: Path) -> None:
    with redis_server.client() as client:
        client.config_set("maxmemory", "1")
        client.config_set("maxmemory-policy", "noeviction")
    tracker = Tracker("/a", spool, redis_url=redis_server.url)
    for _ in range(100):
        tracker.track("agent.login", agent_id="a")
    assert tracker.close()
    assert len(sealed_events(spool)) == 101
    assert streamed(redis_server) == []


def test_stream_that_nobody_reads_does_not_fill_redis(
    redis_server: RedisServer, spool: Path
) -> None:
    tracker = Tracker("/a", spool, redis_url=redis_server.url, stream_length=100)
    for _ in range(500):
        tracker.track("agent.login", agent_id="a")
        if tracker.counters.queued > 50:
            tracker.flush()
    assert tracker.close()
    assert len(streamed(redis_server)) <= 100
    events = [*streamed(redis_server), *sealed_events(spool)]
    assert {int(str(event["sequence"])) for event in events} == set(range(1, 502))


def test_without_a_spool_a_dead_redis_drops_what_is_declared(redis_server: RedisServer) -> None:
    redis_server.stop()
    tracker = Tracker("/a", redis_url=redis_server.url, queue_size=100)
    for _ in range(300):
        tracker.track("agent.login", agent_id="a")
    wait_until(lambda: tracker.counters.dropped > 0)
    assert not tracker.flush(0.5)
    counters = tracker.counters
    assert counters.sent == 0
    assert counters.queued + counters.dropped == 300
    redis_server.start()
    wait_until(lambda: tracker.flush(1.0), 20)
    assert tracker.close()
    events = streamed(redis_server)
    numbers = {int(str(event["sequence"])) for event in events}
    assert max(numbers) - len(numbers) == tracker.counters.dropped
    assert events[-1]["data"]["dropped"] == tracker.counters.dropped  # type: ignore[index]


def test_forked_child_uses_a_connection_of_its_own(redis_server: RedisServer, spool: Path) -> None:
    child = run_child(
        """
        import os, sys
        from casebook_tracking import Tracker

        tracker = Tracker("/a", sys.argv[1], redis_url=sys.argv[2])
        tracker.track("agent.login", agent_id="parent")
        tracker.flush()
        pid = os.fork()
        for _ in range(300):
            tracker.track("agent.login", agent_id="child" if pid == 0 else "parent")
        if pid:
            sys.exit(os.waitpid(pid, 0)[1])
        """,
        spool,
        redis_server.url,
    )
    assert child.returncode == 0, child.stderr
    sources = [event["source"] for event in streamed(redis_server)]
    assert (sources.count("/a"), sources.count("/a/w1")) == (302, 301)
