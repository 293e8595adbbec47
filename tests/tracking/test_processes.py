"""Fork, exit, signals: each process emits for itself and flushes before it ends."""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.tracking.conftest import (
    oldest_python,
    run_child,
    sealed_events,
    start_child,
    without_heartbeats,
)


@pytest.fixture(params=["this", "oldest"])
def python(request: pytest.FixtureRequest) -> Path:
    """What the services run on: this Python, and the oldest that the client supports."""
    return Path(sys.executable) if request.param == "this" else oldest_python()


def test_exit_flushes_and_seals(python: Path, spool: Path) -> None:
    child = run_child(
        """
        import sys
        from casebook_tracking import Tracker

        tracker = Tracker("/a", sys.argv[1])
        for number in range(5000):
            tracker.track("agent.login", agent_id=str(number))
        """,
        spool,
        python=python,
    )
    assert child.returncode == 0, child.stderr
    assert len(without_heartbeats(sealed_events(spool))) == 5000


def test_exit_after_an_exception_flushes(python: Path, spool: Path) -> None:
    child = run_child(
        """
        import sys
        from casebook_tracking import Tracker

        Tracker("/a", sys.argv[1]).track("agent.login", agent_id="a")
        raise SystemExit(3)
        """,
        spool,
        python=python,
    )
    assert child.returncode == 3
    assert len(without_heartbeats(sealed_events(spool))) == 1


def test_exit_waits_two_seconds_at_most(python: Path, tmp_path: Path) -> None:
    """For all trackers together; one that can write is not late for those that cannot."""
    (tmp_path / "file").write_text("in the way")
    child = run_child(
        """
        import sys, time
        from casebook_tracking import Tracker

        for name, spool in zip("abc", (sys.argv[1], sys.argv[1], sys.argv[2])):
            tracker = Tracker("/" + name, spool)
            for _ in range(5000 if name == "c" else 1):
                tracker.track("agent.login", agent_id="a")
        print(time.monotonic())
        """,
        tmp_path / "file" / "spool",
        tmp_path / "spool",
        python=python,
    )
    ended = time.monotonic()
    assert child.returncode == 0
    assert 1.9 < ended - float(child.stdout) < 3
    assert "1 events could not be written" in child.stderr
    assert len(sealed_events(tmp_path / "spool")) == 5001


FORK = """
    import os, sys
    from casebook_tracking import Tracker

    tracker = Tracker("/a", sys.argv[1])
    for _ in range(100):
        tracker.track("agent.login", agent_id="parent")
    tracker.flush()
    for _ in range(50):
        tracker.track("agent.login", agent_id="parent")
    children = []
    for number in range(3):
        pid = os.fork()
        if pid == 0:
            assert tracker.counters == (0, 0, 0, 0, 0)
            for _ in range(100):
                tracker.track("agent.login", agent_id="child")
            tracker.flush()
            os.write(1, b"x")
            sys.stdin.read()  # its name is the next one's when it has ended
            sys.exit(0)
        children.append(pid)
    for _ in range(50):
        tracker.track("agent.login", agent_id="parent")
    for pid in children:
        os.waitpid(pid, 0)
"""


def test_forked_children_emit_under_names_of_their_own(python: Path, spool: Path) -> None:
    child = start_child(FORK, spool, python=python)
    assert child.stdout
    assert child.stdout.read(3) == "xxx"
    _, errors = child.communicate(timeout=30)
    assert child.returncode == 0, errors
    events = sealed_events(spool)
    per_source = Counter(event["source"] for event in without_heartbeats(events))
    assert per_source == {"/a": 200, "/a/w1": 100, "/a/w2": 100, "/a/w3": 100}
    per_boot = Counter(event["boot"] for event in events)
    assert sorted(per_boot.values()) == [101, 101, 101, 201]
    for boot in per_boot:
        numbers = sorted(int(event["sequence"]) for event in events if event["boot"] == boot)
        assert numbers == list(range(1, len(numbers) + 1))


def test_multiprocessing_children_flush_although_they_run_no_exit_handlers(
    python: Path, spool: Path
) -> None:
    child = run_child(
        """
        import multiprocessing, sys, warnings
        from casebook_tracking import Tracker

        warnings.simplefilter("ignore")
        tracker = Tracker("/a", sys.argv[1])

        def work(number):
            tracker.track("agent.login", agent_id=str(number))

        if __name__ == "__main__":
            tracker.track("agent.login", agent_id="parent")
            context = multiprocessing.get_context("fork")
            workers = [context.Process(target=work, args=(n,)) for n in range(4)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        """,
        spool,
        python=python,
    )
    assert child.returncode == 0, child.stderr
    assert len(without_heartbeats(sealed_events(spool))) == 5


def test_processes_started_apart_share_a_source_without_meeting(python: Path, spool: Path) -> None:
    script = """
        import sys, time
        from casebook_tracking import Tracker

        tracker = Tracker("/a", sys.argv[1])
        tracker.track("agent.login", agent_id="0")
        assert tracker.flush(20)
        print("named", flush=True)
        for number in range(1, 500):
            tracker.track("agent.login", agent_id=str(number))
            time.sleep(0.001)
        sys.stdin.read()  # its name is the next one's when it has ended
    """
    children = [start_child(script, spool, python=python) for _ in range(3)]
    for child in children:
        assert child.stdout
        assert child.stdout.readline() == "named\n"
    for child in children:
        child.communicate(timeout=60)
        assert child.returncode == 0
    events = without_heartbeats(sealed_events(spool))
    assert Counter(event["source"] for event in events) == {"/a": 500, "/a/w1": 500, "/a/w2": 500}


SIGTERM = """
    import signal, sys, time
    from casebook_tracking import Tracker

    spool, mode, previous = sys.argv[1:]
    if previous == "handled":
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(7))
    elif previous == "ignored":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    tracker = Tracker("/a", spool, on_sigterm=mode)
    for number in range(500):
        tracker.track("agent.login", agent_id=str(number))
    print("tracked", flush=True)
    time.sleep(5 if previous != "ignored" else 0.5)
"""


@pytest.mark.parametrize(
    ("mode", "previous", "exit_code", "written"),
    [
        ("auto", "default", -signal.SIGTERM, 500),
        ("chain", "default", -signal.SIGTERM, 500),
        ("auto", "handled", 7, 500),
        ("chain", "handled", 7, 500),
        ("off", "default", -signal.SIGTERM, 0),
        ("auto", "ignored", 0, 500),
        ("chain", "ignored", 0, 500),
    ],
)
def test_sigterm_flushes_and_ends_as_before(
    python: Path, spool: Path, mode: str, previous: str, exit_code: int, written: int
) -> None:
    child = start_child(SIGTERM, spool, mode, previous, python=python)
    assert child.stdout
    assert child.stdout.readline() == "tracked\n"
    child.terminate()
    _, errors = child.communicate(timeout=30)
    assert child.returncode == exit_code, errors
    assert len(without_heartbeats(sealed_events(spool))) == written


def test_prefork_server_workers_flush_when_they_are_told_to_end(python: Path, spool: Path) -> None:
    """As gunicorn does with --preload: the tracker before the fork, the events after it."""
    script = """
        import os, signal, sys, time
        from casebook_tracking import Tracker

        tracker = Tracker("/a", sys.argv[1])
        workers = []
        for _ in range(3):
            pid = os.fork()
            if pid == 0:
                signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
                tracker.track("agent.login", agent_id="0")
                # Else a worker that has its name late may take that of one that has ended.
                assert tracker.flush(20)
                for number in range(1, 300):
                    tracker.track("agent.login", agent_id=str(number))
                os.write(1, b"x")
                time.sleep(30)
            workers.append(pid)
        signal.signal(signal.SIGTERM, lambda number, frame: [os.kill(w, 15) for w in workers])
        os.write(1, b"x")
        print(all(os.waitpid(worker, 0)[1] == 0 for worker in workers))
    """
    child = start_child(script, spool, python=python)
    assert child.stdout
    assert child.stdout.read(4) == "xxxx"  # each worker's, and the server's
    child.terminate()
    output, errors = child.communicate(timeout=30)
    assert output == "True\n", errors
    events = without_heartbeats(sealed_events(spool))
    assert Counter(event["source"] for event in events) == {"/a": 300, "/a/w1": 300, "/a/w2": 300}


def test_asyncio_is_not_held_up(python: Path, spool: Path) -> None:
    child = run_child(
        """
        import asyncio, sys, time
        from casebook_tracking import Tracker

        tracker = Tracker("/a", sys.argv[1])

        async def converse(number):
            with tracker.coze_call(session_id=str(number), workflow_id="w") as call:
                await asyncio.sleep(0.02)
                call.output_tokens = number

        async def main():
            await asyncio.gather(*(converse(number) for number in range(200)))
            await asyncio.to_thread(tracker.flush)

        asyncio.run(main())
        """,
        spool,
        python=python,
    )
    assert child.returncode == 0, child.stderr
    calls = without_heartbeats(sealed_events(spool))
    assert {call["data"]["output_tokens"] for call in calls} == set(range(200))
    assert all(int(str(call["data"]["response_time_ms"])) >= 19 for call in calls)


def test_sigterm_while_the_counters_are_read_ends_as_ever(python: Path, spool: Path) -> None:
    """The reader held a lock that the last heartbeat waited for: no heartbeat, nothing sealed."""
    script = """
        import sys
        from casebook_tracking import Tracker

        tracker = Tracker("/a", sys.argv[1])
        tracker.track("agent.login", agent_id="a")
        print("tracked", flush=True)
        while True:
            tracker.counters
    """
    for _ in range(6):
        child = start_child(script, spool, python=python)
        assert child.stdout
        assert child.stdout.readline() == "tracked\n"
        time.sleep(0.1)
        child.terminate()
        _, errors = child.communicate(timeout=30)
        assert child.returncode == -signal.SIGTERM, errors
    events = sealed_events(spool)
    assert list(spool.glob(".*.open")) == []
    assert [event["type"] for event in events[1::2]] == ["tracker.heartbeat"] * 6
