"""Measures builds of the warehouse against one plain `group by` over the same events.

`make bench-build` generates a made-up support centre's events, lands them in an embedded
server of its own, and builds: everything, 1 % more, nothing more, late events of 40 days.
All builds run in this process after dbt was imported and has parsed the project, so that no
figure holds imports. The plain `group by` runs between them. Writes
docs/build-benchmark.json and docs/images/build-benchmark.svg.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.build_inputs import write_deliveries
from bench.build_pictures import draw_builds
from bench.server_cpu import read_server_cpu_seconds
from orchestration.assumptions import seeds_in_force
from orchestration.cli.listening import listen
from orchestration.dbt_runs import Progress, dbt_arguments, dbt_environment, run_dbt
from orchestration.embedded_postgres import EmbeddedPostgres
from orchestration.resources import Workplace
from orchestration.roles import assume_role
from orchestration.settings import load_settings
from orchestration.warehouse_builds import build_warehouse

ROOT = Path(__file__).parent.parent
REFERENCE = "plain group by"
# What one plain pass over the events costs: the least that a table of sessions could.
REFERENCE_QUERY = """
    create temporary table reference on commit drop as
    select
        session_id,
        count(*) as events,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        max(payload ->> 'channel') as channel,
        max(payload ->> 'site') as site,
        max(payload ->> 'resolved_by') as resolved_by,
        avg((payload -> 'response_time_ms')::numeric) as response_time_ms,
        sum((payload -> 'message_length')::numeric) as message_length
    from staging.raw_support_events
    group by session_id
"""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One build or reference. Seconds; `nodes_seconds` adds up dbt's own, two at a time.

    `slowest` are the ten dbt nodes that took longest. `events` is what had landed before it,
    `new_events` of them since the build before.
    """

    what: str
    size: int
    events: int
    new_events: int
    wall_seconds: float
    server_cpu_seconds: float
    nodes_seconds: float
    slowest: dict[str, float]


class Bench:
    """One size: its home, its server, and what was measured there."""

    def __init__(self, home: Path, size: int, workplace: Workplace) -> None:
        self._home, self._size, self._workplace = home, size, workplace
        workplace.database  # noqa: B018 - starts the server
        status = EmbeddedPostgres(home).status()
        assert status.pid is not None
        self._postmaster = status.pid
        self._events = self._new_events = 0
        self.measured: list[Measurement] = []

    def land(self, folder: Path) -> None:
        """Land a delivery, and drop its files."""
        began = time.perf_counter()
        landing = self._home / "landing" / "support"
        landing.parent.mkdir(exist_ok=True)
        folder.rename(landing)
        self._workplace.land("support")
        shutil.rmtree(landing)
        with self._workplace.database.connect(autocommit=True) as connection:
            row = connection.execute("select count(*) from staging.raw_support_events").fetchone()
            assert row is not None
            # As autovacuum would, in its own time: neither is part of a build.
            connection.execute("vacuum (analyze) staging.raw_support_events")
            connection.execute("checkpoint")
        self._new_events, self._events = row[0] - self._events, row[0]
        print(
            f"{'landing':24} {self._new_events:>10,} events  {time.perf_counter() - began:8.2f} s",
            flush=True,
        )

    def parse(self) -> None:
        """Let dbt be imported and parse the project as a build does, which no figure counts."""
        database, settings = self._workplace.database, self._workplace.settings
        with database.connect() as connection:
            role = assume_role(connection, "transformer") or ""
        arguments = ["parse", *dbt_arguments(settings.home)[1:9]]
        run_dbt(arguments, dbt_environment(database, "", seeds_in_force(settings), role))

    def build(self, what: str, *, full_refresh: bool = False) -> None:
        """Measure a build."""
        seconds: dict[str, float] = {}

        def hear(node: Progress) -> None:
            seconds[node.name] = node.seconds

        def run() -> None:
            build_warehouse(
                self._workplace.settings,
                self._workplace.database,
                full_refresh=full_refresh,
                say=print,
                on_progress=hear,
            )

        self._measure(what, run, seconds)

    def refer(self) -> None:
        """Measure the plain `group by`."""

        def run() -> None:
            with self._workplace.database.connect() as connection:
                connection.execute(REFERENCE_QUERY)

        self._measure(REFERENCE, run, {})

    def _measure(self, what: str, run: Callable[[], None], seconds: dict[str, float]) -> None:
        cpu_before, began = read_server_cpu_seconds(self._postmaster), time.perf_counter()
        run()
        wall = time.perf_counter() - began
        time.sleep(0.5)
        cpu = read_server_cpu_seconds(self._postmaster) - cpu_before
        slowest = sorted(seconds.items(), key=lambda item: -item[1])[:10]
        one = Measurement(
            what=what,
            size=self._size,
            events=self._events,
            new_events=self._new_events,
            wall_seconds=wall,
            server_cpu_seconds=cpu,
            nodes_seconds=sum(seconds.values()),
            slowest=dict(slowest),
        )
        self.measured.append(one)
        print(
            f"{what:24} {self._events:>10,} events  {wall:8.2f} s  server CPU {cpu:8.2f} s",
            flush=True,
        )


def measure(home: Path, size: int, days: int) -> list[Measurement]:
    """Land and build about `size` events of `days` days in a server of their own."""
    environment = {"CASEBOOK_HOME": str(home), "CASEBOOK_SETTLE_SECONDS": "0"}
    deliveries = write_deliveries(home, size, days)
    try:
        with listen() as listener:
            bench = Bench(home, size, Workplace(load_settings(environment, home), listener))
            bench.parse()
            bench.land(deliveries.most)
            bench.refer()
            bench.build("full build")
            bench.refer()
            for what, folder in (
                ("increment of 1 %", deliveries.increment),
                ("increment of nothing", deliveries.copies),
                ("late events of 40 days", deliveries.late),
            ):
                bench.land(folder)
                bench.build(what)
                bench.refer()
    finally:
        EmbeddedPostgres(home).stop()
    return bench.measured


def summarise(measured: list[Measurement]) -> dict[str, float]:
    """Give the ratios that are claimed; the reference is the median of its runs."""
    runs: defaultdict[tuple[int, str], list[float]] = defaultdict(list)
    for one in measured:
        runs[one.size, one.what].append(one.wall_seconds)
    sizes = sorted({one.size for one in measured})
    ratios = {}
    for size in sizes:
        seconds = {what: statistics.median(runs[key, what]) for key, what in runs if key == size}
        full, name = seconds["full build"], f"{size:,}"
        ratios[f"{name}: full build, times the {REFERENCE}"] = full / seconds[REFERENCE]
        ratios[f"{name}: increment of 1 %, % of the full build"] = (
            100 * seconds["increment of 1 %"] / full
        )
        ratios[f"{name}: increment of nothing, seconds"] = seconds["increment of nothing"]
        ratios[f"{name}: late events of 40 days, % of the full build"] = (
            100 * seconds["late events of 40 days"] / full
        )
    first, last = (
        next(one for one in measured if (one.size, one.what) == (size, "full build"))
        for size in (sizes[0], sizes[-1])
    )
    ratios["full build's cost per event, largest size to smallest"] = (
        last.wall_seconds / last.events / (first.wall_seconds / first.events)
    )
    return ratios


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--days", type=int, default=100, help="the age of the warehouse")
    parser.add_argument("--output", type=Path, default=ROOT / "docs")
    arguments = parser.parse_args()
    measured: list[Measurement] = []
    for size in arguments.events:
        home = Path(tempfile.mkdtemp(prefix="casebook-bench-"))
        home.chmod(0o755)
        try:
            measured += measure(home, size, arguments.days)
        finally:
            shutil.rmtree(home)
    ratios = summarise(measured)
    for name, value in ratios.items():
        print(f"{name:64} {value:8.2f}")
    picture = arguments.output / "images" / "build-benchmark.svg"
    picture.parent.mkdir(exist_ok=True, parents=True)
    result = {"ratios": ratios, "measurements": [asdict(one) for one in measured]}
    (arguments.output / "build-benchmark.json").write_text(json.dumps(result, indent=4) + "\n")
    draw_builds([(one.what, one.size, one.wall_seconds) for one in measured], picture)


if __name__ == "__main__":
    main()
