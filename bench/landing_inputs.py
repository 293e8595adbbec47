"""Files for the landing benchmark."""

from __future__ import annotations

import json
from pathlib import Path

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


def write_days(folder: Path, events: int, days: int) -> list[Path]:
    """Write a landing directory a day: the same events, a day later and with other ids."""
    first = b"".join(generate_lines(events, seed=7))
    paths = []
    for day in range(1, days + 1):
        path = folder / f"{day:02d}" / "support" / "events.ndjson"
        path.parent.mkdir(parents=True)
        shifted = first.replace(b'"time":"2025-01-01', b'"time":"2025-01-%02d' % day)
        path.write_bytes(shifted.replace(b'"id":"', b'"id":"%x' % day))
        paths.append(path)
    return paths


def write_singer_messages(lines: Path, messages: Path, count: int) -> None:
    """Write the first readable events as Singer messages."""
    with lines.open("rb") as given, messages.open("w") as file:
        file.write(json.dumps(_SCHEMA) + "\n")
        for _, line in zip(range(count), given, strict=False):
            try:
                record = json.loads(line)
            except ValueError:
                continue
            file.write(json.dumps({"type": "RECORD", "stream": "events", "record": record}) + "\n")
