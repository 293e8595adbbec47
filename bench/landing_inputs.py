"""Files for the landing benchmark."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import zstandard

from bench.event_lines import generate_lines

_SCHEMA = {
    "type": "SCHEMA",
    "stream": "events",
    "key_properties": ["id"],
    "schema": {
        "properties": {
            "id": {"type": "string"},
            "source": {"type": "string"},
            "type": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
            "sequence": {"type": ["string", "null"]},
            "boot": {"type": ["string", "null"]},
            "data": {"type": ["object", "null"]},
        }
    },
}


def write_inputs(home: Path, events: int, days: int) -> None:
    """Write a landing directory a day (the same events a day later and with other ids).

    Further the first day packed, a tenth of it, and that tenth as Singer messages.
    """
    first = b"".join(generate_lines(events, seed=7))
    for day in range(1, days + 1):
        shifted = first.replace(b'"time":"2025-01-01', b'"time":"2025-01-%02d' % day)
        shifted = shifted.replace(b'"id":"', b'"id":"%x' % day)
        _write(home / "days" / f"{day:02d}", "events.ndjson", shifted)
    lines = first.split(b"\n")
    _write(home / "packed", "events.ndjson.zst", zstandard.compress(first, 3))
    tenth = lines[: events // 10]
    _write(home / "small", "events.ndjson", b"\n".join(tenth) + b"\n")
    _write_singer_messages(tenth, home / "messages.jsonl")


def _write(landing: Path, name: str, content: bytes) -> None:
    (landing / "support").mkdir(parents=True)
    (landing / "support" / name).write_bytes(content)


def _write_singer_messages(lines: list[bytes], messages: Path) -> None:
    with messages.open("w") as file:
        file.write(json.dumps(_SCHEMA) + "\n")
        for line in lines:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            file.write(json.dumps({"type": "RECORD", "stream": "events", "record": record}) + "\n")


if __name__ == "__main__":
    write_inputs(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
