"""Posts of a made-up studio client."""

from __future__ import annotations

import json
from typing import Any

# 2026-01-01 00:00 UTC.
NOON_MS = 1_767_225_600_000
VISIT = "5b0c4b6c-5d2e-4bb2-9a1c-0f4f8a1b2c3d"
USER: dict[str, Any] = {"user_unique_id": "ann", "web_id": "7300000000000000042"}


def event(name: str, index: int | None = None, /, **params: Any) -> dict[str, Any]:
    """Make one event as posted; without an index it carries none."""
    if index is not None:
        params["event_index"] = index
    return {
        "event": name,
        "params": json.dumps(params),
        "local_time_ms": NOON_MS + (index or 0),
        "is_bav": 0,
        "session_id": VISIT,
    }


def body(*events: Any, user: Any = None, app_id: Any = 7) -> dict[str, Any]:
    """Make one body; the newest event comes first, as the SDK posts it."""
    return {
        "events": list(reversed(events)),
        "user": USER if user is None else user,
        "header": {"app_id": app_id, "app_name": "studio", "platform": "web", "custom": "{}"},
        "local_time": NOON_MS // 1000,
        "verbose": 1,
    }


def post(*bodies: Any) -> bytes:
    """Make a line: a post to `/list`."""
    return json.dumps(list(bodies)).encode()


def capture(*bodies: Any, url: str = "/list", code: int = 200) -> bytes:
    """Make a line of a capture."""
    return json.dumps(
        {"code": code, "t": NOON_MS, "method": "POST", "url": url, "body": json.dumps(list(bodies))}
    ).encode()
