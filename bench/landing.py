"""Measures landing against the limit (COPY of the raw lines) and against its peers.

`make bench-landing` generates the events, starts an embedded server of its own, installs the
peers into environments of their own, runs everything interleaved on that one server, prints a
table, and writes docs/landing-benchmark.json and docs/images/landing-benchmark.svg.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.landing_pictures import draw_comparison
from bench.server_cpu import read_server_cpu_seconds
from orchestration.embedded_postgres import EmbeddedPostgres

ROOT = Path(__file__).parent.parent
PEERS = Path(__file__).parent / "peers"
# Latest at install time; the versions measured are written to the JSON file.
PEER_PACKAGES = {"dlt": "dlt[postgres]", "singer": "meltanolabs-target-postgres"}


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One run of one contender. Seconds of wall and CPU; peak memory of the client in MB."""

    contender: str
    events: int
    wall_seconds: float
    client_cpu_seconds: float
    server_cpu_seconds: float
    peak_rss_mb: float

    @property
    def cpu_per_million(self) -> float:
        """Client and server CPU seconds for a million events."""
        return (self.client_cpu_seconds + self.server_cpu_seconds) * 1e6 / self.events


class Bench:
    """One server, and what was measured on it."""

    def __init__(self, home: Path, server: EmbeddedPostgres) -> None:
        self._home = home
        self._url = server.start()
        status = server.status()
        assert status.pid is not None
        self._postmaster = status.pid
        self.measured: list[Measurement] = []

    def run(
        self, contender: str, events: int, command: list[str], stdin: Path | None = None
    ) -> None:
        """Run a contender in a process of its own and note what it cost."""
        self._checkpoint()
        server_before = read_server_cpu_seconds(self._postmaster)
        started = time.perf_counter()
        with (
            (stdin or Path(os.devnull)).open("rb") as given,
            (self._home / "log").open("ab") as log,
        ):
            process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment(), stdin=given, stdout=log, stderr=log
            )
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            tail = (self._home / "log").read_text(errors="replace")[-2000:]
            raise SystemExit(f"{contender} failed:\n{tail}")
        time.sleep(0.5)
        self.measured.append(
            Measurement(
                contender=contender,
                events=events,
                wall_seconds=wall,
                client_cpu_seconds=usage.ru_utime + usage.ru_stime,
                server_cpu_seconds=read_server_cpu_seconds(self._postmaster) - server_before,
                peak_rss_mb=usage.ru_maxrss / 1024,
            )
        )
        last = self.measured[-1]
        print(
            f"{contender:28} {events:>9,} events  wall {wall:7.2f} s  client "
            f"{last.client_cpu_seconds:7.2f} s  server {last.server_cpu_seconds:7.2f} s  "
            f"peak {last.peak_rss_mb:5.0f} MB",
            flush=True,
        )

    def prepare(self) -> None:
        """Make the warehouse empty, in a process of its own and before any clock runs."""
        module = [sys.executable, "-m", "bench.landing_contenders", "prepare"]
        subprocess.run(module, cwd=ROOT, env=self._environment(), check=True)

    def run_own(self, contender: str, events: int, *arguments: object) -> None:
        """Run a contender of `bench.landing_contenders`."""
        module = [sys.executable, "-m", "bench.landing_contenders"]
        self.run(contender, events, [*module, contender.partition(" ")[0], *map(str, arguments)])

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "BENCH_DATABASE_URL": self._url, "HOME": str(self._home)}

    def _checkpoint(self) -> None:
        import psycopg  # noqa: PLC0415 - keeps this process small

        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("checkpoint")


def measure(arguments: argparse.Namespace, home: Path) -> list[Measurement]:
    """Run all contenders, the quick ones in turns."""
    events: int = arguments.events
    # In a process of its own: the peak memory of a child counts what its parent had.
    inputs = [sys.executable, "-m", "bench.landing_inputs", home, events, arguments.tables]
    subprocess.run(list(map(str, inputs)), cwd=ROOT, check=True)
    days = sorted((home / "days").glob("*/support/events.ndjson"))
    plain = days[0]
    packed, small = home / "packed", home / "small"
    server = EmbeddedPostgres(home)
    bench = Bench(home, server)
    try:
        for _ in range(arguments.rounds):
            bench.run_own("copy", events, plain)
            bench.run_own("copy logged", events, plain, "--logged")
            bench.prepare()
            bench.run_own("casebook", events, plain.parent.parent)
            bench.prepare()
            bench.run_own("casebook .zst", events, packed)
        bench.prepare()
        bench.run_own("casebook a tenth", events // 10, small)
        bench.run_own("executemany", events, plain)
        if not arguments.without_peers:
            _measure_peers(bench, home, plain, events)
        bench.prepare()
        for number, day in enumerate(days):
            bench.run_own(f"casebook table, million {number + 1}", events, day.parent.parent)
    finally:
        server.stop()
    return bench.measured


def _measure_peers(bench: Bench, home: Path, plain: Path, events: int) -> None:
    for name, package in PEER_PACKAGES.items():
        folder = home / "peers" / name
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = folder / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", package], check=True)
    dlt = str(home / "peers" / "dlt" / "bin" / "python")
    for way in ("append", "merge"):
        script = [dlt, str(PEERS / "land_with_dlt.py"), str(plain), way]
        bench.run(f"dlt {way}", events, script)
    messages, config = home / "messages.jsonl", home / "singer.json"
    count = events // 10
    config.write_text(json.dumps({"sqlalchemy_url": bench._url, "default_target_schema": "singer"}))
    target = str(home / "peers" / "singer" / "bin" / "target-postgres")
    bench.run("singer target", count, [target, "--config", str(config)], stdin=messages)


def summarise(measured: list[Measurement]) -> dict[str, float]:
    """Give the ratios that are claimed, from the median of each contender's runs."""
    by_name: defaultdict[str, list[Measurement]] = defaultdict(list)
    for one in measured:
        by_name[one.contender].append(one)

    def median(name: str, what: str) -> float:
        return statistics.median(float(getattr(one, what)) for one in by_name[name])

    ratios = {
        "server CPU, times raw COPY": median("casebook", "server_cpu_seconds")
        / median("copy", "server_cpu_seconds"),
        "server CPU, times logged raw COPY": median("casebook", "server_cpu_seconds")
        / median("copy logged", "server_cpu_seconds"),
        "wall, times raw COPY": median("casebook", "wall_seconds") / median("copy", "wall_seconds"),
        "wall, times logged raw COPY": median("casebook", "wall_seconds")
        / median("copy logged", "wall_seconds"),
        "wall of .zst, times raw COPY": median("casebook .zst", "wall_seconds")
        / median("copy", "wall_seconds"),
        "peak memory, MB": max(one.peak_rss_mb for one in by_name["casebook"]),
        "peak memory of a tenth, MB": median("casebook a tenth", "peak_rss_mb"),
    }
    for peer in ("executemany", "dlt append", "dlt merge", "singer target"):
        if peer in by_name:
            ratios[f"total CPU of {peer}, times ours"] = median(peer, "cpu_per_million") / median(
                "casebook", "cpu_per_million"
            )
    tables = [one for one in measured if one.contender.startswith("casebook table")]
    ratios["last million into one table, times the first: wall"] = (
        tables[-1].wall_seconds / tables[0].wall_seconds
    )
    ratios["last million into one table, times the first: CPU"] = (
        tables[-1].cpu_per_million / tables[0].cpu_per_million
    )
    return ratios


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--tables", type=int, default=10, help="millions into one table")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--output", type=Path, default=ROOT / "docs")
    arguments = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="casebook-bench-"))
    home.chmod(0o755)
    load_average = os.getloadavg()[1]
    try:
        measured = measure(arguments, home)
    finally:
        shutil.rmtree(home)
    ratios = summarise(measured)
    for name, value in ratios.items():
        print(f"{name:52} {value:8.2f}")
    # Of the five minutes before: on a machine with other work, seconds say little, ratios some.
    ratios["load average before"] = load_average
    result = {"ratios": ratios, "measurements": [asdict(one) for one in measured]}
    picture = arguments.output / "images" / "landing-benchmark.svg"
    picture.parent.mkdir(exist_ok=True, parents=True)
    (arguments.output / "landing-benchmark.json").write_text(json.dumps(result, indent=4) + "\n")
    picture.write_text(draw_comparison({one.contender: one.cpu_per_million for one in measured}))


if __name__ == "__main__":
    main()
