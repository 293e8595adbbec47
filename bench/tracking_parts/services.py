"""The services under load: every request tracks `EVENTS` events, or none of them.

`asgi` is FastAPI for uvicorn, `wsgi` is Flask for gunicorn; made on demand, because the
benchmark's own process has neither.
"""

from __future__ import annotations

import os
import time
from typing import Any

from casebook_tracking import NoopTracker, Tracker
from casebook_tracking.base import BaseTracker

from bench.tracking_parts.figures import summary

EVENTS = 20
SESSION = "ee868652-edee-424d-ae1f-00bb923cfc42"

took_us: list[float] = []


def make_tracker() -> BaseTracker:
    """Return the tracker that the environment asks for."""
    spool = os.environ.get("BENCH_SPOOL")
    return Tracker("/bench", spool) if spool else NoopTracker()


def work(tracker: BaseTracker) -> dict[str, object]:
    """Handle one request: some computation of its own, and the events."""
    total = sum(number * number for number in range(2000))
    clock = time.perf_counter_ns
    for number in range(EVENTS):
        started = clock()
        tracker.session_message(session_id=SESSION, role="user", message_length=number)
        took_us.append((clock() - started) / 1000)
    return {"total": total}


def figures(tracker: BaseTracker) -> dict[str, object]:
    """Return the times of the calls since the last time, and the counters."""
    values, took_us[:] = list(took_us), []
    used = {"cpu_seconds": time.process_time()}
    return {**summary(values or [0.0]), **used, **tracker.counters._asdict()}


def __getattr__(name: str) -> Any:
    return {"asgi": _asgi, "wsgi": _wsgi}[name]()


def _asgi() -> Any:
    from fastapi import FastAPI  # type: ignore[import-not-found]  # noqa: PLC0415 - bench's own

    tracker, app = make_tracker(), FastAPI()

    @app.get("/work")  # type: ignore[untyped-decorator]
    async def _work() -> dict[str, object]:
        return work(tracker)

    @app.get("/figures")  # type: ignore[untyped-decorator]
    async def _figures() -> dict[str, object]:
        return figures(tracker)

    return app


def _wsgi() -> Any:
    from flask import Flask  # noqa: PLC0415 - bench's own

    tracker, app = make_tracker(), Flask(__name__)
    app.get("/work", endpoint="work")(lambda: work(tracker))
    app.get("/figures", endpoint="figures")(lambda: figures(tracker))
    return app
