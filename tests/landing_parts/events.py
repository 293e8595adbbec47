"""Support events for tests, valid unless told otherwise."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2025, 6, 1, 8, 0, tzinfo=UTC)


def make_event(number: int = 0, type: str = "session.message", **changes: Any) -> dict[str, Any]:  # noqa: A002
    """Give the event with that number; `changes` replace attributes, None of them removed."""
    data: dict[str, Any] = {"session_id": f"s{number % 7}"}
    if type == "session.message":
        data |= {"role": "user", "message_length": 10 + number % 50}
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": f"e{number:06d}",
        "source": "/chat/a",
        "type": type,
        "time": (START + timedelta(seconds=number)).isoformat(),
        "sequence": f"{number + 1:012d}",
        "data": data,
    }
    return event | changes


def make_line(number: int = 0, type: str = "session.message", **changes: Any) -> bytes:  # noqa: A002
    """Give the event as a line without its line end."""
    return json.dumps(make_event(number, type, **changes), ensure_ascii=False).encode()


def make_lines(numbers: range) -> bytes:
    """Give several events, each with its line end."""
    return b"".join(make_line(number) + b"\n" for number in numbers)
