"""The writer beside threads that compute, and who waits for it: enough a turn, in time, right."""

from __future__ import annotations

import errno
import os
import sys
import threading
import time
from pathlib import Path

import pytest
from casebook_tracking import Tracker
from casebook_tracking.batches import Batches
from casebook_tracking.spools import Spool
from casebook_tracking.turns import short_turns
from casebook_tracking.writers import (
    FEW_EVENTS,
    LONGEST_PAUSE_SECONDS,
    MANY_EVENTS,
    SHORTEST_PAUSE_SECONDS,
    next_pause,
)

from tests.tracking.conftest import (
    run_child,
    sealed_events,
    wait_until,
    without_heartbeats,
)

STEADY = """
    import sys, threading, time
    from casebook_tracking import Tracker

    tracker = Tracker("/a", sys.argv[1], queue_size=5000)

    def compute():
        while True:
            sum(i * i for i in range(2000))

    for _ in range(2):
        threading.Thread(target=compute, daemon=True).start()
    started, tracked = time.monotonic(), 0
    while (passed := time.monotonic() - started) < 2:
        while tracked < 10_000 * passed:
            tracker.agent_heartbeat(agent_id="a")
            tracked += 1
        sum(i * i for i in range(500))
    print(tracker.counters.dropped / tracked)
"""


def test_small_queue_is_emptied_beside_threads_that_compute(spool: Path) -> None:
    """A turn was a share of the backlog: a queue of 5,000 was full before a turn was enough."""
    child = run_child(STEADY, spool)
    assert child.returncode == 0, child.stderr
    assert float(child.stdout) < 0.05  # 0.38 before; some, where the machine is busy otherwise


def test_pause_is_as_long_as_a_turn_takes_to_fill() -> None:
    pause = LONGEST_PAUSE_SECONDS
    for _ in range(6):
        pause = next_pause(pause, MANY_EVENTS + 1)
    assert pause == SHORTEST_PAUSE_SECONDS
    assert next_pause(pause, FEW_EVENTS) == next_pause(pause, MANY_EVENTS) == pause
    for _ in range(6):
        pause = next_pause(pause, FEW_EVENTS - 1)
    assert pause == LONGEST_PAUSE_SECONDS


def test_many_events_are_taken_little_by_little(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five hundred at once, every 50 ms, held up the requests of a service with many threads."""
    writes: list[int] = []
    write = Spool.write

    def count(writer: Spool, lines: bytes) -> None:
        writes.append(lines.count(b"\n"))
        write(writer, lines)

    monkeypatch.setattr(Spool, "write", count)
    tracker = Tracker("/a", spool)
    for _ in range(500):
        for _ in range(20):
            tracker.agent_login(agent_id="a")
        time.sleep(0.002)
    assert tracker.close()
    # At the first looks there are more, until the pauses are short.
    assert sorted(writes)[len(writes) // 2] < 200


def test_full_queue_that_nothing_takes_is_looked_at_seldom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As at a full disk: five hundred looks a second would be for nothing."""
    looks: list[None] = []
    write_some = Batches.write_some

    def look(batches: Batches, *, is_urgent: bool) -> bool:
        looks.append(None)
        return write_some(batches, is_urgent=is_urgent)

    monkeypatch.setattr(Batches, "write_some", look)
    (tmp_path / "file").write_text("in the way")
    tracker = Tracker("/a", tmp_path / "file" / "spool")
    for _ in range(5000):
        tracker.agent_login(agent_id="a")
    wait_until(lambda: tracker.counters.queued == 5000 and len(looks) > 0)
    time.sleep(0.3)
    looks.clear()
    time.sleep(1)
    assert 1 <= len(looks) <= 30
    tracker.close(0.1)


CROWDED_END = """
    import os, sys, threading, time
    from casebook_tracking import Tracker

    tracker = Tracker("/a", sys.argv[1])

    def compute():
        while True:
            sum(i * i for i in range(2000))

    for _ in range(30):
        threading.Thread(target=compute, daemon=True).start()
    for _ in range(100):
        tracker.agent_heartbeat(agent_id="a")
    started = time.monotonic()
    is_complete = tracker.close()
    print(is_complete, time.monotonic() - started, sys.getswitchinterval(), flush=True)
    os._exit(0)
"""


def test_end_is_sealed_in_time_beside_thirty_threads_that_compute(spool: Path) -> None:
    """Each system call cost 0.1 s, and the look at a spool of many files two for each of them."""
    spool.mkdir()
    for number in range(300):
        (spool / f"sealed-{number}.ndjson").touch()
    child = run_child(CROWDED_END, spool)
    is_complete, seconds, interval = child.stdout.split()
    assert (is_complete, interval) == ("True", "0.005"), child.stderr
    assert float(seconds) < 2.5
    assert list(spool.glob(".*.open")) == []
    assert len(without_heartbeats(sealed_events(spool))) == 100


def test_turns_are_as_they_were_after_the_last_end_and_in_a_child() -> None:
    before = sys.getswitchinterval()
    with short_turns, short_turns:
        assert sys.getswitchinterval() < before
        pid = os.fork()
        if pid == 0:
            short_turns.forget_users()
            os._exit(int(sys.getswitchinterval() != before))
        assert os.waitpid(pid, 0)[1] == 0
        assert sys.getswitchinterval() < before
    assert sys.getswitchinterval() == before
    with short_turns:
        sys.setswitchinterval(0.004)  # the service's own wish
    try:
        assert sys.getswitchinterval() == 0.004
    finally:
        sys.setswitchinterval(before)


def test_flush_is_true_when_all_before_it_can_be_read_and_false_in_time(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Spool.write

    def write_slowly(writer: Spool, lines: bytes) -> None:
        time.sleep(0.1)
        write(writer, lines)

    monkeypatch.setattr(Spool, "write", write_slowly)
    tracker = Tracker("/a", spool)
    for _ in range(5000):  # ten batches
        tracker.agent_login(agent_id="a")
    started = time.monotonic()
    assert not tracker.flush(0.3)
    assert time.monotonic() - started < 0.8
    assert tracker.flush(20)
    assert len(without_heartbeats(sealed_events(spool))) == 5000
    assert tracker.close()


def test_flush_that_was_given_up_hurries_nobody(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer offered its batch twenty times a second for ever, in place of twice."""
    offers: list[bytes] = []

    def refuse(writer: Spool, lines: bytes) -> None:
        offers.append(lines)
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Spool, "write", refuse)
    tracker = Tracker("/a", spool)
    tracker.agent_login(agent_id="a")
    started = time.monotonic()
    assert not tracker.flush(0.2)
    assert time.monotonic() - started < 1
    offers.clear()
    time.sleep(1.2)
    assert 1 <= len(offers) <= 4
    tracker.close(0.1)


def test_flush_is_answered_by_the_end(spool: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It waited for its whole timeout, and said that nothing was written."""
    is_writing, answers, write = threading.Event(), [], Spool.write

    def write_slowly(writer: Spool, lines: bytes) -> None:
        is_writing.set()
        time.sleep(0.5)
        write(writer, lines)

    monkeypatch.setattr(Spool, "write", write_slowly)
    tracker = Tracker("/a", spool)
    tracker.agent_login(agent_id="a")
    assert is_writing.wait(5)
    tracker.agent_login(agent_id="b")
    waiting = threading.Thread(target=lambda: answers.append(tracker.flush(20)))
    waiting.start()
    time.sleep(0.1)
    assert tracker.close(5)
    waiting.join(timeout=5)
    assert answers == [True]
