"""Requests of web services under load, with tracking and without, in turns."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.tracking_parts.calls import ROOT, free_port
from bench.tracking_parts.figures import print_table, steady, summary
from bench.tracking_parts.load import fetch, generate

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAMEWORKS = ("fastapi", "flask")
EVENT_RATES = (1_000, 10_000)
EVENTS_PER_REQUEST = 20
# Other work on the machine comes and goes: short rounds in turns, and of each kind the
# least disturbed one counts.
ROUNDS = 5
WARM_SECONDS, SECONDS = 1.0, 10.0


@dataclass(frozen=True)
class Round:
    """One service under load for a while; microseconds."""

    request: dict[str, float]
    call: dict[str, float]
    cpu_per_request: float


def measure(python: Path, work: Path) -> list[dict[str, object]]:
    """Measure each service at each rate; microseconds a request and a call."""
    rows: list[dict[str, object]] = []
    for framework in FRAMEWORKS:
        for rate in EVENT_RATES:
            rounds: dict[bool, list[Round]] = {False: [], True: []}
            for number in range(2 * ROUNDS):
                # Off, on, on, off, …: a drift of the machine meets both alike.
                is_on = number % 4 in (1, 2)
                spool = work / "apps" / f"{framework}-{rate}-{number}" if is_on else None
                with serving(python, framework, spool) as port:
                    rounds[is_on].append(asyncio.run(_round(port, rate / EVENTS_PER_REQUEST)))
            rows.append(_row(framework, rate, rounds[False], rounds[True]))
    print_table("requests and calls under load, microseconds", rows)
    return rows


def _row(framework: str, rate: int, off: list[Round], on: list[Round]) -> dict[str, object]:
    row: dict[str, object] = {"framework": framework, "events_per_second": rate}
    for name in ("p50", "p90", "p99", "p99_of_all"):
        without = min(each.request[name] for each in off)
        with_it = min(each.request[name] for each in on)
        row[f"off_{name}"], row[f"on_{name}"] = without, with_it
        row[f"added_{name}_per_call"] = round((with_it - without) / EVENTS_PER_REQUEST, 1)
    cpu = median(each.cpu_per_request for each in on)
    cpu -= median(each.cpu_per_request for each in off)
    row["cpu_per_call"] = round(cpu / EVENTS_PER_REQUEST, 1)
    for name in ("p50", "p99", "p99.9", "max"):
        row[f"call_{name}"] = round(median(each.call[name] for each in on), 1)
    return row


async def _round(port: int, rate: float) -> Round:
    await generate(port, rate, WARM_SECONDS)
    before = await fetch(port, "/figures")
    latencies = await generate(port, rate, SECONDS)
    after = await fetch(port, "/figures")
    assert after["dropped"] == 0, after
    cpu = (after["cpu_seconds"] - before["cpu_seconds"]) / len(latencies)
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    # By the second: a window of a hundred requests or more.
    window = max(int(rate), 100)
    request = {name: steady(latencies, window, share, 0) for name, share in shares.items()}
    request["p99_of_all"] = summary(latencies, 0)["p99"]
    return Round(request, after, cpu * 1e6)


@contextmanager
def serving(python: Path, framework: str, spool: Path | None) -> Iterator[int]:
    """Start a service; its port."""
    port = free_port()
    place = f"127.0.0.1:{port}"
    service = "bench.tracking_parts.services"
    commands = {
        "fastapi": ["uvicorn", f"{service}:asgi", "--port", str(port), "--log-level", "error"],
        "flask": [
            *("gunicorn", f"{service}:wsgi", "--bind", place, "--log-level", "error"),
            *("--worker-class", "gthread", "--threads", "16", "--keep-alive", "60"),
        ],
    }
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'tracking'}:{ROOT}"}
    environment.pop("BENCH_SPOOL", None)
    if spool is not None:
        environment["BENCH_SPOOL"] = str(spool)
    server = subprocess.Popen([str(python), "-m", *commands[framework]], env=environment, cwd=ROOT)
    try:
        _wait_until_it_answers(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_until_it_answers(port: int) -> None:
    for _ in range(200):
        try:
            asyncio.run(fetch(port, "/work"))
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the service did not start")
