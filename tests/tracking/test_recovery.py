"""What dead processes left is sealed; what living ones write is left alone."""

from __future__ import annotations

import fcntl
import signal
from pathlib import Path

import pytest
from casebook_tracking import Tracker
from casebook_tracking.recovery import recover_leftovers
from casebook_tracking.spools import Spool

from tests.tracking.conftest import sealed_events, start_child, wait_until, without_heartbeats

LINE = b'{"sequence":"1"}\n'


def leftover(spool: Path, content: bytes, name: str = "dead") -> Path:
    spool.mkdir(exist_ok=True)
    path = spool / f".{name}-000001.ndjson.open"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "sealed"),
    [
        (LINE + LINE, LINE + LINE),
        (LINE + b'{"sequence":"2"', LINE),
        (LINE + b'{"sequence":"2"}', LINE + b'{"sequence":"2"}\n'),
        (LINE + b"\0" * 100, LINE),
    ],
)
def test_last_line_is_finished_when_whole_and_cut_when_not(
    spool: Path, content: bytes, sealed: bytes
) -> None:
    leftover(spool, content)
    assert recover_leftovers(spool) == 1
    assert [path.read_bytes() for path in spool.iterdir()] == [sealed]


@pytest.mark.parametrize("content", [b"", b'{"half'])
def test_leftover_without_a_line_is_removed(spool: Path, content: bytes) -> None:
    leftover(spool, content)
    assert recover_leftovers(spool) == 0
    assert list(spool.iterdir()) == []


def test_file_of_a_living_process_is_left_alone(spool: Path) -> None:
    writer = Spool(spool, "live", file_bytes=1000, cap_bytes=10_000, seal_seconds=60.0)
    writer.write(LINE)
    assert recover_leftovers(spool) == 0
    writer.write(LINE)
    writer.seal()
    assert [path.read_bytes() for path in spool.iterdir()] == [LINE + LINE]


def test_file_that_its_owner_seals_meanwhile_is_no_leftover(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, lock = leftover(spool, LINE), fcntl.flock

    def lock_late(descriptor: int, operation: int) -> None:
        path.rename(spool / "dead-000001.ndjson")
        lock(descriptor, operation)

    monkeypatch.setattr("fcntl.flock", lock_late)
    assert recover_leftovers(spool) == 0
    assert [path.read_bytes() for path in spool.iterdir()] == [LINE]


KILLED = """
    import sys, time
    from casebook_tracking import Tracker

    tracker = Tracker("/a", sys.argv[1])
    for number in range(1000):
        tracker.track("agent.login", agent_id=str(number))
    while tracker.counters.queued:
        time.sleep(0.01)
    print("written", flush=True)
    time.sleep(60)
"""


def test_next_start_seals_what_a_killed_process_wrote(spool: Path) -> None:
    child = start_child(KILLED, spool)
    assert child.stdout
    assert child.stdout.readline() == "written\n"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert sealed_events(spool) == []
    tracker = Tracker("/a", spool)
    tracker.track("agent.login", agent_id="next")
    wait_until(lambda: len(sealed_events(spool)) == 1000)
    assert tracker.close()
    events = without_heartbeats(sealed_events(spool))
    assert len(events) == 1001
    # The name of the dead is free again, its boot is not used again.
    assert {event["source"] for event in events} == {"/a"}
    assert len({event["boot"] for event in events}) == 2


def test_crashed_worker_is_recovered_by_a_living_one(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casebook_tracking.writers.RECOVERY_SECONDS", 0.2)
    tracker = Tracker("/a", spool)
    tracker.track("agent.login", agent_id="living")
    child = start_child(KILLED, spool)
    assert child.stdout
    assert child.stdout.readline() == "written\n"
    assert len(sealed_events(spool)) == 0
    child.kill()
    child.communicate()
    wait_until(lambda: len(sealed_events(spool)) == 1000)
    assert {event["source"] for event in sealed_events(spool)} == {"/a/w1"}
    assert tracker.close()
