"""Measures landing of the coding agent's files: MB of JSON a CPU second, and peak memory.

`make bench-outfile` generates outfiles in the shapes of the client, one that is a single huge
document, and OTLP bodies near the longest that land; it lands each with a process of its own
into an embedded server of its own, prints a table and writes docs/outfile-benchmark.json. CPU
is the client's, all its threads, its start of about a second included; the server's stands
beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench.landing import ROOT, Bench
from orchestration.embedded_postgres import EmbeddedPostgres
from tests.unit.qwen_code.captures import (
    METRICS,
    SPAN,
    new_log,
    old_log,
    otlp_body,
    otlp_record,
    pretty,
)

TARGET = ROOT / "docs" / "outfile-benchmark.json"
TEXT = "A sentence of what was asked or answered, as long as they are in practice. " * 12
SHAPES = ("old", "new")
BODY_BYTES = 15_000_000


def event(shape: str, number: int) -> bytes:
    """Return one document; a fifth of the new shape's are spans, as in its captures half are."""
    make = old_log if shape == "old" else new_log
    fields: dict[str, object] = {
        "prompt_id": f"session########{number // 20}",
        "model": "coder",
        "duration_ms": number % 5000,
        "input_token_count": 10_000 + number,
        "output_token_count": number % 700,
        "cached_content_token_count": 5_000,
        "thoughts_token_count": 9,
        "total_token_count": 11_000 + number,
        "status_code": 200,
        "response_text": TEXT,
        "auth_type": "openai",
        "response_id": f"chatcmpl-{number:024}",
    }
    name = "qwen-code.api_response"
    if number % 3 == 1:
        name = "qwen-code.tool_call"
        fields = {
            "function_name": "edit",
            "function_args": TEXT,
            "duration_ms": number % 900,
            "status": "success",
            "success": True,
            "decision": "accept",
            "prompt_id": f"session########{number // 20}",
            "tool_type": "native",
            "metadata": {"model_added_lines": 3, "model_removed_lines": 1},
        }
    elif number % 3 == 2:  # noqa: PLR2004 - the third kind of three
        name = "qwen-code.api_request"
        fields = {"model": "coder", "prompt_id": "p", "request_text": TEXT * 2}
    document = make(name, **fields)
    minute, second = divmod(number // 10, 60)
    hour, minute = divmod(minute, 60)
    day, hour = divmod(hour, 24)
    stamp = f"2025-11-{day % 28 + 1:02}T{hour:02}:{minute:02}:{second:02}.{number % 1000:03}Z"
    document["attributes"]["event.timestamp"] = stamp  # type: ignore[index]
    return pretty(document)


def write_outfile(path: Path, shape: str, megabytes: int) -> int:
    """Write documents of one shape, spans and metrics among them; return its bytes."""
    path.parent.mkdir(parents=True)
    size = number = 0
    others = (pretty(SPAN), pretty(METRICS))
    with path.open("wb") as file:
        while size < megabytes * 1_000_000:
            size += file.write(event(shape, number))
            number += 1
            if shape == "new" and number % 5 == 0:
                size += file.write(others[number % 10 == 0])
    return size


def write_huge_document(path: Path, megabytes: int) -> int:
    """Write one document of many lines, far larger than any telemetry."""
    path.parent.mkdir(parents=True)
    line = b'    "' + b"x" * 1000 + b'",\n'
    with path.open("wb") as file:
        size = file.write(b'{\n  "attributes": {\n')
        while size < megabytes * 1_000_000:
            size += file.write(line)
        return size + file.write(b"  }\n}\n")


def write_bodies(path: Path, megabytes: int) -> int:
    """Write OTLP bodies of 15 MB, one a line; return the bytes."""
    path.parent.mkdir(parents=True)
    size = number = 0
    with path.open("wb") as file:
        while size < megabytes * 1_000_000:
            records = []
            while sum(map(len, records)) < BODY_BYTES:
                stamp = {"stringValue": f"2025-11-01T00:00:00.{number % 1000:03}Z"}
                text = {"stringValue": TEXT * 2}
                ids = {"response_id": {"stringValue": str(number)}}
                posted = otlp_record(**{"event.timestamp": stamp, "response_text": text, **ids})
                records.append(json.dumps(posted))
                number += 1
            body = json.dumps(otlp_body()).replace('"logRecords": []', '"logRecords": [{}]')
            size += file.write(body.replace("{}", ",".join(records)).encode() + b"\n")
    return size


def count_events(path: Path) -> int:
    """Count the events of a file by the name that each has."""
    with path.open("rb") as file:
        return sum(line.count(b'"event.name"') for line in file)


def main() -> None:
    """Generate, measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200, help="of each shape's file")
    parser.add_argument("--large", type=int, default=1000, help="megabytes of the largest file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="casebook-bench-") as folder:
        home = Path(folder)
        subprocess.run(
            [sys.executable, "-c", WRITE, folder, str(arguments.megabytes), str(arguments.large)],
            cwd=ROOT,
            check=True,
        )
        server = EmbeddedPostgres(home)
        bench = Bench(home, server)
        results = []
        try:
            for file in sorted(home.glob("*/qwen_code/*.log")):
                name = file.parent.parent.name
                size = file.stat().st_size
                bench.prepare()
                bench.run_own(f"outfile {name}", count_events(file), file.parent.parent)
                one = bench.measured[-1]
                rate = size / 1e6 / one.client_cpu_seconds
                total = size / 1e6 / (one.client_cpu_seconds + one.server_cpu_seconds)
                print(f"  {name}: {size / 1e6:.0f} MB, {rate:.1f} MB/s, {total:.1f} with server")
                results.append(
                    {
                        **asdict(one),
                        "megabytes": size / 1e6,
                        "mb_per_cpu_second": rate,
                        "mb_per_cpu_second_with_server": total,
                    }
                )
        finally:
            server.stop()
    TARGET.write_text(json.dumps({"cpus": os.cpu_count(), "runs": results}, indent=2) + "\n")


# In a process of its own: the peak memory of a child counts what its parent had.
WRITE = """
import sys
from pathlib import Path
from bench.outfile import SHAPES, write_bodies, write_huge_document, write_outfile
home, size, large = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
for shape in SHAPES:
    write_outfile(home / shape / "qwen_code" / "a.log", shape, size)
write_outfile(home / "large" / "qwen_code" / "a.log", "old", large)
write_huge_document(home / "one-document" / "qwen_code" / "a.log", size)
write_bodies(home / "bodies" / "qwen_code" / "a.log", size)
"""


if __name__ == "__main__":
    main()
