"""Random files of events, and the check that exactly these landed."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import zstandard

from tests.landing_parts.events import make_line
from tests.landing_parts.loader_process import Order
from tests.landing_parts.places import Place

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Delivered:
    """What was put into the landing place: valid events by number, and lines of each kind."""

    numbers: set[int] = field(default_factory=set)
    lines: int = 0
    bad: int = 0

    def draw_lines(self, draw: random.Random, count: int) -> list[bytes]:
        """Draw lines: new events, copies of any before, and some that cannot land."""
        lines = []
        for _ in range(count):
            if draw.random() < 0.02:
                self.bad += 1
                lines.append(b'{"id": "bad ' + str(draw.random()).encode())
                continue
            number = draw.randrange(200_000)
            if self.numbers and draw.random() < 0.15:
                number = draw.choice(tuple(self.numbers)[:500])
            self.numbers.add(number)
            lines.append(make_line(number))
        self.lines += count
        return lines

    def write_file(self, draw: random.Random, place: Place, number: int, count: int) -> None:
        """Write one file of some kind."""
        content = b"\n".join(self.draw_lines(draw, count)) + b"\n"
        match draw.randrange(3):
            case 0:
                place.write(f"{number}.ndjson", content)
            case 1:
                place.write(f"{number}.ndjson.gz", gzip.compress(content, 1))
            case _:
                place.write(f"{number}.ndjson.zst", zstandard.compress(content))

    def check(self, place: Place) -> None:
        """Assert that exactly these events and lines are in tables and ledger."""
        assert place.ids() == [f"e{number:06d}" for number in sorted(self.numbers)]
        assert place.rows(
            "select sum(read_count)::bigint, sum(landed_count)::bigint,"
            " sum(quarantined_count)::bigint from staging.loads"
        ) == [(self.lines, len(self.numbers), self.bad)]
        assert place.value("select count(*) from staging.quarantine") == self.bad
        assert place.rows(
            "select sum(line_count) filter (where outcome = 'landed')::bigint, sum(line_count)"
            " filter (where outcome in ('landed', 'duplicate', 'quarantined'))::bigint"
            " from staging.load_counts"
        ) == [(len(self.numbers), self.lines)]
        assert (
            place.value(
                "select count(*) from staging.raw_support_events as landed"
                " left join staging.loads using (load_id) where loads.load_id is null"
            )
            == 0
        )


def start_loader(order: Order) -> subprocess.Popen[bytes]:
    """Start a loader in a process of its own."""
    command = [sys.executable, "-m", "tests.landing_parts.loader_process"]
    return subprocess.Popen(
        [*command, msgspec.json.encode(order).decode()], cwd=ROOT, stderr=subprocess.PIPE
    )


def run_loader(order: Order) -> int:
    """Run a loader to its end; give its exit code, negative when it was killed."""
    process = start_loader(order)
    process.communicate()
    return process.returncode
