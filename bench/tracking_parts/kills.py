"""A million events from processes that are killed and restarted at random, end to end.

Two workers share a spool. Each notes, in memory that survives it, how many events it has
tracked; a coin decides when it ends and whether it may flush (SIGTERM) or not (SIGKILL).
Then everything is landed and built, and the books are closed: per life, events tracked
against sequences landed; per day, what `data_quality_daily` says.
"""

from __future__ import annotations

import mmap
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psycopg

from bench.tracking_parts.calls import ROOT
from bench.tracking_parts.figures import print_table
from orchestration.database import open_database
from orchestration.embedded_postgres import EmbeddedPostgres
from orchestration.hash_keys import find_hash_keys
from orchestration.settings import load_settings
from orchestration.warehouse_builds import build_warehouse
from raw_loaders.loading import LoadOptions, load_source

WORKERS = 2
RATE = 10_000
LIFE_SECONDS = (0.5, 5.0)
KILL_SHARE = 0.7
# The declared bound: a hard kill loses what the process had in memory, the queue and a batch.
# How much of it that is depends on how busy the machine is; it is reported.
QUEUE_SIZE, BATCH_EVENTS = 32_768, 512
BOUND = QUEUE_SIZE + BATCH_EVENTS
SEED = 20251201

SERVICE = """
import mmap, struct, sys, time
from casebook_tracking import Tracker

spool, truth_path, rate = sys.argv[1], sys.argv[2], int(sys.argv[3])
tracker = Tracker("/bench", spool, seal_seconds=1.0)
with open(truth_path, "r+b") as file:
    truth = mmap.mmap(file.fileno(), 64)
truth[16:48] = tracker.boot.encode()
pack, session, due, number = struct.pack_into, "", time.perf_counter(), 0
while True:
    if number % 10 == 0:
        session = f"{tracker.boot}-{number // 10}"
    number += 1
    tracker.session_message(session_id=session, role="user", message_length=number)
    pack("q", truth, 0, number)
    due += 1 / rate
    wait = due - time.perf_counter()
    if wait > 0:
        time.sleep(wait)
"""

LANDED = """
    select
        boot,
        min(sequence),
        max(sequence),
        max(sequence) - min(sequence) + 1 - count(distinct sequence),
        count(*) filter (where event_name = 'session.message')
    from staging.raw_support_events
    group by boot
"""
REPORTED = """
    select
        sum(landed_count),
        sum(expected_events),
        sum(lost_events),
        sum(declared_dropped_events),
        max(loss_rate_upper_95)
    from marts.data_quality_daily
    where source = 'support'
"""


@dataclass(frozen=True)
class Life:
    """One process from its start to its end."""

    boot: str
    tracked: int
    is_killed: bool


def measure(work: Path, events: int) -> dict[str, object]:
    """Track, kill, land and build; return the books."""
    landing = work / "landing"
    started = time.monotonic()
    with ThreadPoolExecutor(WORKERS) as pool:
        share = events // WORKERS
        per_worker = pool.map(lambda n: list(live(n, landing / "support", share)), range(WORKERS))
        lives = [life for lives_of_one in per_worker for life in lives_of_one]
    seconds = time.monotonic() - started
    # A last start, which seals what the dead left.
    truth = work / "last"
    lives.append(live_once(landing / "support", truth, 1.0, signal.SIGTERM))
    figures = close_books(work, lives)
    figures["seconds"] = round(seconds)
    print_table("a million events, killed and restarted at random", [figures])
    return figures


def live(worker: int, spool: Path, events: int) -> Iterator[Life]:
    """Let processes live one after the other until they have tracked enough."""
    dice = random.Random(SEED + worker)  # noqa: S311 - repeatable, not secret
    total = 0
    while total < events:
        end = signal.SIGKILL if dice.random() < KILL_SHARE else signal.SIGTERM
        truth = spool.parent.parent / f"truth-{worker}"
        life = live_once(spool, truth, dice.uniform(*LIFE_SECONDS), end)
        total += life.tracked
        yield life


def live_once(spool: Path, truth_path: Path, seconds: float, end: signal.Signals) -> Life:
    """Let one process track for some seconds after its first event, and end it."""
    truth_path.write_bytes(bytes(64))
    process = subprocess.Popen(
        [sys.executable, "-c", SERVICE, str(spool), str(truth_path), str(RATE)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "tracking")},
    )
    with truth_path.open("r+b") as file, mmap.mmap(file.fileno(), 64) as truth:
        while int.from_bytes(truth[0:8], "little") == 0:
            time.sleep(0.005)
        time.sleep(seconds)
        process.send_signal(end)
        process.wait()
        tracked = int.from_bytes(truth[0:8], "little")
        return Life(truth[16:48].decode(), tracked, end is signal.SIGKILL)


def close_books(work: Path, lives: list[Life]) -> dict[str, object]:
    """Land, build, and hold what landed against what was tracked."""
    settings = load_settings(
        {"CASEBOOK_HOME": str(work / "home"), "CASEBOOK_LANDING": str(work / "landing")}, work
    )
    try:
        database = open_database(settings)
        options = LoadOptions(
            landing=settings.landing,
            timezone=settings.timezone,
            keys=find_hash_keys(settings, database, print),
            settle_seconds=0.0,
        )
        report = load_source("support", database.connect, options)
        assert not report.failed, report.failed
        build_warehouse(settings, database, say=print)
        with database.connect() as connection:
            return {**account(connection, lives), "quarantined": sum(report.quarantined.values())}
    finally:
        EmbeddedPostgres(settings.home).stop()


def account(connection: psycopg.Connection, lives: list[Life]) -> dict[str, object]:
    """Compare per life; raise AssertionError when anything but a killed tail is missing."""
    landed = {row[0]: row[1:] for row in connection.execute(LANDED)}
    tails: list[int] = []
    for life in lives:
        first, last, missing, _ = landed.get(life.boot, (1, 0, 0, 0))
        assert first == 1, life
        assert missing == 0, life
        if life.is_killed:
            tails.append(max(0, life.tracked - last))
        else:
            # The last number is the heartbeat's.
            assert last >= life.tracked + 1, (life, last)
    assert max(tails) <= BOUND, max(tails)
    tracked = sum(life.tracked for life in lives)
    reported = connection.execute(REPORTED).fetchone()
    assert reported is not None
    return {
        "tracked": tracked,
        "lives": len(lives),
        "killed": len(tails),
        "landed": sum(row[3] for row in landed.values()),
        "lost_in_tails": sum(tails),
        "worst_tail": max(tails),
        "worst_tail_ms": round(1000 * max(tails) / RATE),
        "median_tail_ms": round(1000 * median(tails) / RATE),
        "bound_a_kill": BOUND,
        "tails_below_250_ms": sum(tail <= RATE / 4 for tail in tails),
        "reported_lost": int(reported[2]),
        "reported_declared": int(reported[3]),
        "reported_upper_95": float(reported[4]),
    }
