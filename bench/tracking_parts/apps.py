"""Requests of web services under load, with tracking and without, in turns."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.tracking_parts.calls import ROOT, free_port
from bench.tracking_parts.figures import print_table, summary
from bench.tracking_parts.load import fetch, generate

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAMEWORKS = ("fastapi", "flask")
EVENT_RATES = (1_000, 10_000)
EVENTS_PER_REQUEST = 20
ROUNDS = 3
WARM_SECONDS, SECONDS = 2.0, 8.0


def measure(python: Path, work: Path) -> list[dict[str, object]]:
    """Measure each service at each rate; microseconds a request and a call."""
    rows: list[dict[str, object]] = []
    for framework in FRAMEWORKS:
        for rate in EVENT_RATES:
            latencies: dict[bool, list[float]] = {False: [], True: []}
            calls: dict[str, object] = {}
            for number in range(2 * ROUNDS):
                # Off, on, on, off, …: a drift of the machine meets both alike.
                is_on = number % 4 in (1, 2)
                spool = work / "apps" / f"{framework}-{rate}-{number}" if is_on else None
                with serving(python, framework, spool) as port:
                    latencies[is_on] += asyncio.run(_load(port, rate / EVENTS_PER_REQUEST))
                    if is_on:
                        calls = asyncio.run(fetch(port, "/figures"))
                        assert calls["dropped"] == 0, calls
            rows.append(_row(framework, rate, latencies, calls))
    print_table("requests and calls under load, microseconds", rows)
    return rows


def _row(
    framework: str, rate: int, latencies: dict[bool, list[float]], calls: dict[str, object]
) -> dict[str, object]:
    off, on = summary(latencies[False], 0), summary(latencies[True], 0)
    added = {
        f"added_{name}_per_call": round((on[name] - off[name]) / EVENTS_PER_REQUEST, 1)
        for name in ("p50", "p99")
    }
    return {
        "framework": framework,
        "events_per_second": rate,
        **{f"off_{name}": off[name] for name in ("p50", "p99")},
        **{f"on_{name}": on[name] for name in ("p50", "p99")},
        **added,
        **{f"call_{name}": calls[name] for name in ("p50", "p99", "p99.9", "max")},
    }


async def _load(port: int, rate: float) -> list[float]:
    await generate(port, rate, WARM_SECONDS)
    await fetch(port, "/figures")
    return await generate(port, rate, SECONDS)


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
