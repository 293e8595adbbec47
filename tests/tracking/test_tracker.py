"""The caller's side: never blocks, never raises, and every event is accounted for."""

from __future__ import annotations

import math
import threading
import time
from collections import UserDict
from pathlib import Path
from typing import NoReturn

import pytest
from casebook_tracking import Tracker, TrackingConfigurationError

from tests.tracking.conftest import run_child, sealed_events, wait_until, without_heartbeats


def test_three_lines_write_an_event(spool: Path) -> None:
    tracker = Tracker(source="/ai-chatbot/a", spool=spool)
    tracker.track("session.start", session_id="s-1", channel="web")
    assert tracker.close()
    event, heartbeat = sealed_events(spool)
    assert event["source"] == "/ai-chatbot/a"
    assert event["type"] == "session.start"
    assert event["data"] == {"session_id": "s-1", "channel": "web"}
    assert event["boot"] == tracker.boot
    assert (event["sequence"], heartbeat["sequence"]) == ("1", "2")
    assert heartbeat["data"] == {"sent": 1, "spooled": 1, "dropped": 0, "errors": 0}


def test_fields_may_be_a_mapping_or_names_or_both(spool: Path) -> None:
    tracker = Tracker("/a", spool)
    tracker.track("agent.login", {"agent_id": "a", "agent_name": "x"}, agent_name="y")
    tracker.track("agent.login", UserDict(agent_id="b"))
    tracker.agent_login(agent_id="c")
    assert tracker.close()
    assert [event["data"] for event in without_heartbeats(sealed_events(spool))] == [
        {"agent_id": "a", "agent_name": "y"},
        {"agent_id": "b"},
        {"agent_id": "c"},
    ]


def test_wrong_event_is_counted_and_written_as_it_is(
    spool: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tracker = Tracker("/a", spool)
    tracker.track("session.start", session_id="s", chanel="secret-value")
    tracker.track("no.such.event")
    tracker.track("session.end", 4)  # type: ignore[arg-type]
    tracker.track(5)  # type: ignore[arg-type]
    assert tracker.flush()
    assert tracker.counters.errors == 4
    events = sealed_events(spool)
    assert [event["type"] for event in events] == [
        "session.start",
        "no.such.event",
        "session.end",
        "5",
    ]
    assert events[0]["data"] == {"session_id": "s", "chanel": "secret-value"}
    assert "chanel" not in events[2]
    assert "session.start" in caplog.text
    assert "secret-value" not in caplog.text
    tracker.close()


def test_many_threads_share_one_sequence(spool: Path) -> None:
    tracker = Tracker("/a", spool)

    def work(number: int) -> None:
        for step in range(2000):
            tracker.agent_login(agent_id=f"{number}-{step}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tracker.close()
    events = sealed_events(spool)
    assert sorted(int(event["sequence"]) for event in events) == list(range(1, 12_002))
    assert len({event["id"] for event in events}) == 12_001
    assert len({event["data"].get("agent_id") for event in events}) == 12_001


def test_drop_leaves_a_gap_and_is_declared(spool: Path) -> None:
    tracker = Tracker("/a", spool, queue_size=100)

    def work() -> None:
        for _ in range(5000):
            tracker.track("agent.heartbeat", agent_id="a")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tracker.flush()
    counters = tracker.counters
    assert counters.dropped > 0
    assert counters.sent + counters.dropped == 20_000
    assert tracker.close()
    events = sealed_events(spool)
    numbers = {int(event["sequence"]) for event in events}
    declared = max(
        int(str(e["data"]["dropped"])) for e in events if e["type"] == "tracker.heartbeat"
    )
    assert declared == max(numbers) - min(numbers) + 1 - len(numbers) == counters.dropped


def test_event_too_large_to_load_is_dropped_and_declared(spool: Path) -> None:
    tracker = Tracker("/a", spool)
    tracker.track("api.error", error_type="x", error_message="m" * (2 << 20))
    tracker.track("api.error", error_type="y")
    assert tracker.close()
    event, heartbeat = sealed_events(spool)
    assert (event["sequence"], event["data"]["error_type"]) == ("2", "y")
    assert heartbeat["data"]["dropped"] == 1


def test_no_thread_and_no_file_before_the_first_event(spool: Path) -> None:
    before = threading.active_count()
    tracker = Tracker("/a", spool)
    assert threading.active_count() == before
    assert tracker.flush()
    assert tracker.close()
    assert not spool.exists()


class LazyKeys(dict[str, object]):
    """A mapping that fails to be copied."""

    def keys(self) -> NoReturn:
        """Fail."""
        raise KeyError("lazy")


def test_mapping_that_fails_to_be_copied_reaches_no_caller(spool: Path) -> None:
    tracker = Tracker("/a", spool)
    tracker.track("agent.login", LazyKeys(agent_id="a"))
    assert tracker.close()
    assert tracker.counters.sent == 2


BUSY_FIRST = """
    import sys, threading, time
    from casebook_tracking import Tracker

    def compute():
        while True:
            sum(i * i for i in range(2000))

    for _ in range(20):
        threading.Thread(target=compute, daemon=True).start()
    tracker, took = Tracker("/a", sys.argv[1]), []
    for _ in range(2):
        time.sleep(0)  # so that the calls begin with the whole of a turn
        started = time.perf_counter()
        tracker.agent_login(agent_id="a")
        took.append(time.perf_counter() - started)
    print(max(took))
"""


def test_first_event_does_not_wait_for_the_writer_to_get_its_turn(spool: Path) -> None:
    """Starting a `threading.Thread` waits for it: 0.2 s beside twenty threads that compute."""
    child = run_child(BUSY_FIRST, spool)
    assert child.returncode == 0, child.stderr
    assert float(child.stdout) < 0.05
    assert len(without_heartbeats(sealed_events(spool))) == 2


def refuse_thread(*_: object) -> NoReturn:
    raise RuntimeError("can't start new thread")


def test_without_a_thread_close_writes_and_warns_once(
    spool: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing was written, close was True, and each event wrote a warning."""
    monkeypatch.setattr("_thread.start_new_thread", refuse_thread)
    tracker = Tracker("/a", spool)
    for _ in range(5):
        tracker.agent_login(agent_id="a")
    assert not tracker.flush(0.1)
    assert tracker.close()
    assert len(without_heartbeats(sealed_events(spool))) == 5
    assert caplog.text.count("could not start") == 1


def test_close_before_the_first_event_closes(spool: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A later event started a writer that nobody closed; now it is a drop, and the log says so."""
    tracker = Tracker("/a", spool)
    assert tracker.close()
    for _ in range(3):
        tracker.agent_login(agent_id="late")
    assert tracker.counters == (0, 0, 3, 0, 0)
    assert not spool.exists()
    assert caplog.text.count("the tracker is closed") == 1


def test_last_heartbeat_declares_what_its_thread_had_no_time_to_count(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread may be stopped by the exit between its number and the count of its drop."""
    monkeypatch.setattr("casebook_tracking.counters.AtomicCount.add", lambda *_: None)
    tracker = Tracker("/a", spool, queue_size=1)
    for _ in range(500):
        tracker.agent_login(agent_id="a")
    assert tracker.close()
    events = sealed_events(spool)
    assert len(events) + int(str(events[-1]["data"]["dropped"])) == 501


def test_after_close_events_are_dropped_and_counted(spool: Path) -> None:
    tracker = Tracker("/a", spool)
    tracker.track("agent.login", agent_id="a")
    assert tracker.close()
    tracker.track("agent.login", agent_id="b")
    assert tracker.close()
    assert tracker.counters.dropped == 1
    assert len(without_heartbeats(sealed_events(spool))) == 1


def test_heartbeats_come_while_there_are_events_and_not_when_idle(spool: Path) -> None:
    tracker = Tracker("/a", spool, heartbeat_seconds=0.2, seal_seconds=0.1)
    tracker.track("agent.login", agent_id="a")
    wait_until(lambda: len(sealed_events(spool)) == 2)
    time.sleep(0.6)
    assert [event["type"] for event in sealed_events(spool)] == ["agent.login", "tracker.heartbeat"]
    tracker.track("agent.logout", agent_id="a")
    wait_until(lambda: len(sealed_events(spool)) == 4)
    assert sealed_events(spool)[-1]["data"]["sent"] == 3
    assert tracker.close()
    assert len(sealed_events(spool)) == 4


def test_track_does_not_wait_for_a_spool_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    tracker = Tracker("/a", tmp_path / "file" / "spool", queue_size=50)
    started = time.perf_counter()
    for _ in range(2000):
        tracker.track("agent.login", agent_id="a")
    assert time.perf_counter() - started < 1
    assert not tracker.flush(0.3)
    counters = tracker.counters
    assert counters.sent == 0
    assert counters.queued + counters.dropped == 2000
    started = time.perf_counter()
    assert not tracker.close(0.5)
    assert time.perf_counter() - started < 1.5
    wait_until(lambda: (tracker.counters.sent, tracker.counters.dropped) == (0, 2000))


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"source": ""}, "source"),
        ({"source": "/a", "spool": None}, "spool"),
        ({"source": "/a", "spool": "x", "queue_size": 0}, "queue_size"),
        ({"source": "/a", "spool": "x", "exit_seconds": -1.0}, "exit_seconds"),
        ({"source": "/a", "spool": "x", "on_sigterm": "maybe"}, "on_sigterm"),
        ({"source": "/a", "spool": "x", "exit_seconds": math.nan}, "exit_seconds"),
        ({"source": "/a", "spool": "x", "exit_seconds": math.inf}, "exit_seconds"),
        ({"source": "/a", "spool": "x", "seal_seconds": math.nan}, "seal_seconds"),
        ({"source": "/a", "spool": "~no-such-user/x"}, "spool"),
        ({"source": "/a", "redis_url": "foo://x"}, "redis_url"),
        ({"source": "/a", "redis_url": "redis://localhost:abc/0"}, "redis_url"),
        ({"source": "/a", "redis_url": "redis://localhost/0?socket_timeout=zz"}, "redis_url"),
        ({"source": "/a", "redis_url": "redis://localhost/0?no_such_option=1"}, "redis_url"),
    ],
)
def test_wrong_setting_is_named_when_the_tracker_is_made(
    options: dict[str, str], named: str
) -> None:
    with pytest.raises(TrackingConfigurationError, match=named):
        Tracker(**options)  # type: ignore[arg-type]
