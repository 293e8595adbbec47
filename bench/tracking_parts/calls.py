"""The time of one `track()` in a service that does nothing else.

Events come at a steady rate; between them the service sleeps, as one that waits for
requests does. `nothing` is the same loop around an empty call: what the clock costs. In
the rows `computing` two threads compute without a pause, and the service does between its
events: a call may then hold a turn of 5 ms of each, with and without tracking.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.tracking_parts.figures import print_table

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
RATES = (1_000, 10_000)
SECONDS = 10
SINKS = (
    "nothing",
    "spool",
    "redis",
    "dead redis",
    "hanging redis",
    "size limit",
    "read-only spool",
)
# The dead sinks need more events than the queue holds, for the drops to show.
QUEUE_SIZE, USUAL_QUEUE_SIZE = 5_000, 32_768
# What each service is measured with: sinks and queue sizes.
SERVICES = {
    "waiting": [(sink, QUEUE_SIZE) for sink in SINKS],
    "computing": [
        ("nothing", QUEUE_SIZE),
        ("spool", QUEUE_SIZE),
        ("spool", USUAL_QUEUE_SIZE),
        ("dead redis", QUEUE_SIZE),
    ],
}

CHILD = """
import gc, json, os, resource, sys, time
sink, rate, seconds, spool, url = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), *sys.argv[4:6]
is_computing, queue_size = sys.argv[6] == "computing", int(sys.argv[7])
import threading
from casebook_tracking import Tracker
from bench.tracking_parts.figures import summary

options = {"queue_size": queue_size}
if "redis" in sink:
    options["redis_url"] = url
    if sink != "redis":
        spool = None
# Like a full disk it cuts a write half way, and needs no file system of its own.
if sink == "size limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))
if sink == "read-only spool":
    os.chmod(os.path.dirname(spool), 0o555)
    if os.getuid() == 0:
        os.setgid(65534), os.setuid(65534)
tracker = None if sink == "nothing" else Tracker("/bench", spool, **options)

def call(number):
    tracker.session_message(
        session_id="ee868652-edee-424d-ae1f-00bb923cfc42", role="user", message_length=number
    )

if tracker is None:
    call = lambda number: None
def compute():
    while True:
        sum(i * i for i in range(2000))

for _ in range(2 if is_computing else 0):
    threading.Thread(target=compute, daemon=True).start()
clock, took, count = time.perf_counter_ns, [], int(rate * seconds)
for number in range(200):
    call(number)
time.sleep(0.5)
gc.collect()
cpu, due, step = time.process_time(), clock(), 1_000_000_000 // rate
for number in range(count):
    due += step
    while is_computing and clock() < due:
        sum(i * i for i in range(100))
    wait = due - clock()
    if wait > 0:
        time.sleep(wait / 1e9)
    started = clock()
    call(number)
    took.append((clock() - started) / 1000)
cpu = time.process_time() - cpu
figures = {"sink": sink, "queue_size": queue_size, "events_per_second": rate, **summary(took)}
figures["cpu_share"] = round(cpu / seconds, 3)
if tracker is not None:
    tracker.flush(3.0)
    counters = tracker.counters
    assert counters.sent + counters.dropped + counters.queued == count + 200, counters
    figures.update(sent=counters.sent, dropped=counters.dropped, queued=counters.queued)
else:
    figures.update(sent=0, dropped=0, queued=0)
print(json.dumps(figures))
"""


def measure(python: Path, work: Path) -> list[dict[str, object]]:
    """Measure every sink at every rate; microseconds a call."""
    rows: list[dict[str, object]] = []
    with running_redis(work) as url, hanging_port() as hanging_url:
        urls = {"redis": url, "hanging redis": hanging_url, "dead redis": "redis://127.0.0.1:1/0"}
        for service, sinks in SERVICES.items():
            for sink, queue_size in sinks:
                for rate in RATES:
                    name = f"{service}-{sink}-{queue_size}-{rate}".replace(" ", "-")
                    spool = work / "calls" / name / "spool"
                    spool.parent.mkdir(parents=True)
                    place = (str(spool), urls.get(sink, ""))
                    arguments = (sink, str(rate), str(SECONDS), *place, service, str(queue_size))
                    figures = _run(python, *arguments)
                    rows.append({"service": service, **figures})
    print_table("track(), microseconds a call", rows)
    return rows


def _run(python: Path, *arguments: str) -> dict[str, object]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'tracking'}:{ROOT}"}
    output = subprocess.run(
        [str(python), "-c", CHILD, *arguments],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ).stdout
    figures: dict[str, object] = json.loads(output)
    return figures


@contextmanager
def running_redis(work: Path) -> Iterator[str]:
    """Run a redis-server of the benchmark's own; its URL."""
    program = shutil.which("redis-server")
    assert program, "the benchmark needs redis-server: apt-get install redis-server"
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(work), "--save", ""]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    time.sleep(0.5)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def hanging_port() -> Iterator[str]:
    """Run a server that takes connections and never answers; its URL."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
