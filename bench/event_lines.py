"""Realistic support events for the landing benchmark: a pure function of its seed."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

START = datetime(2025, 1, 1, tzinfo=UTC)
# Copies of an event sent before, and lines that are none or no valid one.
DUPLICATE_SHARE = 0.03
BAD_SHARE = 0.001
# How many lines back a copy's original lies, at most.
COPY_DISTANCE = 2_000
MILLISECONDS_BETWEEN_EVENTS = 30


def generate_lines(count: int, seed: int, start: datetime = START) -> Iterator[bytes]:
    """Yield `count` lines with line ends, in order of time but for the copies."""
    draw = random.Random(seed)  # noqa: S311 - a simulation
    producers = [f"/ai-chatbot/{letter}" for letter in "abcd"]
    boots = [f"{draw.getrandbits(32):08x}" for _ in producers]
    sequences = [0] * len(producers)
    sessions: list[list[str]] = [[] for _ in producers]
    recent: list[bytes] = []
    for number in range(count):
        if recent and draw.random() < DUPLICATE_SHARE:
            yield draw.choice(recent)
            continue
        producer = draw.randrange(len(producers))
        sequences[producer] += 1
        moment = start + timedelta(milliseconds=MILLISECONDS_BETWEEN_EVENTS * number)
        event_type, data = _draw_event(draw, sessions[producer])
        line = _to_line(
            {
                "specversion": "1.0",
                "id": str(uuid.UUID(int=draw.getrandbits(128), version=4)),
                "source": producers[producer],
                "type": event_type,
                "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "sequence": f"{sequences[producer]:012d}",
                "boot": boots[producer],
                "data": data,
            }
        )
        if draw.random() < BAD_SHARE:
            yield _spoil(draw, line)
            continue
        if len(recent) < COPY_DISTANCE:
            recent.append(line)
        else:
            recent[draw.randrange(COPY_DISTANCE)] = line
        yield line


def _draw_event(draw: random.Random, sessions: list[str]) -> tuple[str, dict[str, object]]:
    if len(sessions) < 50 or draw.random() < 0.06:  # noqa: PLR2004 - conversations at a time
        session = str(uuid.UUID(int=draw.getrandbits(128), version=4))
        sessions.append(session)
        if len(sessions) > 50:  # noqa: PLR2004
            sessions.pop(0)
        return "session.start", {
            "session_id": session,
            "channel": draw.choice(["web", "whatsapp", "app"]),
            "user_agent": "Mozilla/5.0 (Linux; Android 15) Chrome/141.0",
            "site": draw.choice(["shop-us", "shop-de", "shop-fr"]),
            "customer_id": f"c{draw.randrange(200_000)}",
        }
    session = draw.choice(sessions)
    match draw.choices(range(5), (35, 25, 25, 8, 7))[0]:
        case 0:
            return "session.message", {
                "session_id": session,
                "role": "ai",
                "message_length": draw.randrange(1, 900),
                "response_time_ms": draw.randrange(200, 9000),
            }
        case 1:
            return "session.message", {
                "session_id": session,
                "role": "user",
                "message_length": draw.randrange(1, 400),
            }
        case 2:
            return "api.coze_call", {
                "session_id": session,
                "workflow_id": f"wf-{draw.randrange(9)}",
                "response_time_ms": draw.randrange(200, 9000),
                "success": draw.random() < 0.98,  # noqa: PLR2004
                "input_tokens": draw.randrange(100, 5000),
                "output_tokens": draw.randrange(10, 900),
            }
        case 3:
            return "query.order", {
                "session_id": session,
                "order_number": f"#{draw.randrange(100_000)}",
                "site": "shop-de",
                "success": True,
                "response_time_ms": draw.randrange(50, 900),
            }
        case _:
            return "session.end", {
                "session_id": session,
                "duration_seconds": round(draw.uniform(5, 2000), 3),
                "message_count": draw.randrange(40),
                "resolved_by": "ai",
            }


def _to_line(event: dict[str, object]) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"


def _spoil(draw: random.Random, line: bytes) -> bytes:
    match draw.randrange(3):
        case 0:
            return line[: draw.randrange(20, len(line) - 20)].rstrip(b"\\") + b"\n"
        case 1:
            return line.replace(b'"type":"', b'"type":"no.')
        case _:
            return line.replace(b'"session_id":"', b'"session_id":7,"was":"')
