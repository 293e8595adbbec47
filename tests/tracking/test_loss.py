"""End to end: what was tracked, through the loader, into the raw rows.

Every gap in a sequence is a declared drop; a hard kill loses the tail of its own boot
and nothing else.
"""

from __future__ import annotations

import mmap
import random
import signal
import subprocess
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from orchestration.database import Database
from raw_loaders.load_reports import raise_failures
from raw_loaders.loading import LoadOptions, LoadReport, load_source
from raw_loaders.redaction import HashKeys
from tests.tracking.accounting import read_boots
from tests.tracking.conftest import run_child, start_child

KEYS = HashKeys(key=b"k" * 32, key_id="test", identity_key=b"i" * 32)


def load(warehouse: Database, landing: Path) -> LoadReport:
    report = load_source(
        "support",
        warehouse.connect,
        LoadOptions(
            landing=str(landing), timezone=ZoneInfo("Asia/Shanghai"), keys=KEYS, settle_seconds=0.0
        ),
    )
    raise_failures([report])
    return report


def test_all_events_of_an_orderly_life_land(warehouse: Database, tmp_path: Path) -> None:
    child = run_child(
        """
        import os, sys
        from casebook_tracking import Tracker

        tracker = Tracker("/bot/a", sys.argv[1], file_bytes=20_000)
        tracker.session_start(session_id="s", channel="web", site=None)
        for _ in range(2):
            os.fork()
        for number in range(250):
            tracker.session_message(session_id="s", role="user", message_length=number)
        tracker.track("session.message", session_id="s", role="user", message_length="broken")
        """,
        tmp_path / "support",
    )
    assert child.returncode == 0, child.stderr
    report = load(warehouse, tmp_path)
    # One start, 4 processes with 251 messages and a heartbeat each.
    assert (report.read, report.landed, sum(report.quarantined.values())) == (1009, 1009, 0)
    with warehouse.connect() as connection:
        boots = read_boots(connection).values()
        violations = connection.execute(
            "select count(*), array_agg(distinct violations) from staging.raw_support_events"
            " where violations is not null"
        ).fetchone()
    assert sorted(boot.last_sequence for boot in boots) == [252, 252, 252, 253]
    assert all(boot.missing == boot.declared == 0 for boot in boots)
    assert violations == (4, [["message_length"]])


def test_declared_drops_explain_every_gap(warehouse: Database, tmp_path: Path) -> None:
    child = run_child(
        """
        import sys, time
        from casebook_tracking import Tracker

        tracker = Tracker("/bot/a", sys.argv[1], queue_size=300)
        for _ in range(20):
            for number in range(1000):
                tracker.agent_heartbeat(agent_id="a")
            time.sleep(0.02)
        print(tracker.counters.dropped)
        """,
        tmp_path / "support",
    )
    assert child.returncode == 0, child.stderr
    load(warehouse, tmp_path)
    with warehouse.connect() as connection:
        (boot,) = read_boots(connection).values()
    assert boot.first_sequence == 1
    assert boot.missing == boot.declared == int(child.stdout) > 0


# Threads that compute, or track, without a pause; then an end in good order.
BUSY = """
    import os, signal, sys, threading, time
    from casebook_tracking import Tracker

    spool, kind, end = sys.argv[1:]
    tracker = Tracker("/bot/a", spool, heartbeat_seconds=0.3, seal_seconds=0.3)

    def compute():
        while True:
            sum(i * i for i in range(2000))

    def track():
        while True:
            tracker.agent_heartbeat(agent_id="a")

    for _ in range(2):
        threading.Thread(target=track if kind == "tracking" else compute, daemon=True).start()
    started = time.monotonic()
    tracked = 0
    while (passed := time.monotonic() - started) < 1.5:
        while kind == "computing" and tracked < 10_000 * passed:
            tracker.agent_heartbeat(agent_id="a")
            tracked += 1
        sum(i * i for i in range(500))
    print(tracker.flush(20) if end == "flush" else tracked, flush=True)
    if end == "sigterm":
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(9)
        sys.exit("still there after SIGTERM")
"""


@pytest.mark.parametrize(("kind", "end"), [("computing", "sigterm"), ("tracking", "flush")])
def test_service_that_computes_without_a_pause_declares_every_gap(
    warehouse: Database, tmp_path: Path, kind: str, end: str
) -> None:
    """The writer had no turn: no heartbeat, no sealed file, a third lost and nothing declared."""
    child = run_child(BUSY, tmp_path / "support", kind, end)
    assert child.returncode == (-signal.SIGTERM if end == "sigterm" else 0), child.stderr
    assert list((tmp_path / "support").glob(".*.open")) == []
    load(warehouse, tmp_path)
    with warehouse.connect() as connection:
        (boot,) = read_boots(connection).values()
        (heartbeats,) = connection.execute(
            "select count(*) from staging.raw_support_events where event_name = 'tracker.heartbeat'"
        ).fetchone() or (0,)
    assert boot.first_sequence == 1
    assert boot.missing == boot.declared
    assert heartbeats >= 3
    if kind == "computing":
        assert boot.last_sequence >= int(child.stdout)
    else:
        assert child.stdout == "True\n"


# Events a second, and how many of them a hard kill may cost: what was tracked in the last
# poll of the writer, and as much again for a machine that is busy otherwise.
RATE = 2000
TAIL_SECONDS = 0.5
SERVICE = """
    import mmap, os, struct, sys, time
    from casebook_tracking import Tracker

    tracker = Tracker("/bot/a", sys.argv[1], seal_seconds=0.2, file_bytes=50_000)
    with open(sys.argv[2], "r+b") as file:
        truth = mmap.mmap(file.fileno(), 64)
    truth[16:48] = tracker.boot.encode()
    started, number = time.perf_counter(), 0
    while number < 20_000:
        number += 1
        tracker.session_message(session_id="s", role="user", message_length=number)
        truth[0:8] = struct.pack("q", number)
        wait = started + number / {rate} - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
""".replace("{rate}", str(RATE))


def wait_for_events(truth: mmap.mmap, process: subprocess.Popen[str]) -> None:
    while int.from_bytes(truth[0:8], "little") == 0:
        assert process.poll() is None
        time.sleep(0.01)


@pytest.mark.parametrize("seed", [1])
def test_kills_cost_the_tail_of_their_boot_only(
    warehouse: Database, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    tracked: dict[str, tuple[int, signal.Signals]] = {}
    truth_path = tmp_path / "truth"
    for _ in range(6):
        truth_path.write_bytes(bytes(64))
        end = dice.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGTERM))
        process = start_child(SERVICE, tmp_path / "support", truth_path)
        with truth_path.open("r+b") as file, mmap.mmap(file.fileno(), 64) as truth:
            wait_for_events(truth, process)
            time.sleep(dice.uniform(0.05, 1.0))
            process.send_signal(end)
            process.communicate(timeout=30)
            count = int.from_bytes(truth[0:8], "little")
            tracked[truth[16:48].decode()] = (count, end)
    run_child(SERVICE.replace("20_000", "10"), tmp_path / "support", truth_path)
    report = load(warehouse, tmp_path)
    assert sum(report.quarantined.values()) == 0
    with warehouse.connect() as connection:
        boots = read_boots(connection)
    for boot, (count, end) in tracked.items():
        landed = boots[boot]
        assert landed.first_sequence == 1
        assert landed.missing == landed.declared == 0
        if end is signal.SIGTERM:
            # The heartbeat, and perhaps an event between the call and the note of it.
            assert count + 1 <= landed.last_sequence <= count + 2
            assert landed.has_heartbeat
        else:
            assert landed.last_sequence >= count - RATE * TAIL_SECONDS
