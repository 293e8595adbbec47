"""Builds under faults: whatever happens to them, the next one gives the tables of a clean build.

`make torture-builds` runs them; TORTURE_BUILD_TRIALS says how often each.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psycopg
import pytest

from orchestration.database import Database, open_database
from orchestration.embedded_postgres import EmbeddedPostgres
from orchestration.samples.centres import Centre
from orchestration.samples.writers import write_sample
from orchestration.settings import load_settings
from tests.conftest import _create_database, _url, settings_for
from tests.crashes import stop_immediately
from tests.pipeline.conftest import drop
from tests.pipeline.dagster_servers import serve
from tests.pipeline.fault_processes import Order
from tests.property.warehouses import Warehouse

TRIALS = int(os.environ.get("TORTURE_BUILD_TRIALS", "10"))
# Of each fault; the trials done until then count.
SECONDS = float(os.environ.get("TORTURE_BUILD_SECONDS", "inf"))
# Trials between two comparisons with a clean build.
COMPARED_EVERY = 3
SEED = int(os.environ.get("TORTURE_BUILD_SEED", "1"))
# Seeds and models of an increment of support, and of a build from nothing; a draw beyond the last
# one kills nothing.
NODES = {False: 55, True: 145}
CENTRE = Centre(days=12, sessions_per_day=6, seed=21)
# Of the small disk: a new cluster with its log takes some 120 MB.
DISK_MB = 420


@dataclass
class Bench:
    """A server that may be stopped, with a warehouse to torture and one that stays clean."""

    server: EmbeddedPostgres
    tortured: Warehouse
    clean: Warehouse
    lines: list[list[str]]

    def land(self, number: int) -> None:
        """Land the next hours in both."""
        for warehouse in (self.tortured, self.clean):
            warehouse.land(f"part-{number}", self.lines[number])

    def build(self, order: Order, server_dies_at: int = 0) -> tuple[int, str]:
        """Build in a process; gives its exit code and the last line of what it said."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.pipeline.fault_processes", msgspec.json.encode(order)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == server_dies_at:
                stop_immediately(self.server)
                break
        _, said = process.communicate()
        self.server.start()
        return process.returncode, (said.strip().splitlines() or [""])[-1]

    def order(self, warehouse: Warehouse, **values: int | bool) -> Order:
        """Give the order to build one of the two."""
        order = Order(str(warehouse.settings.home), warehouse.database.url)
        return msgspec.structs.replace(order, **values)

    def compare(self) -> None:
        """Build the clean one, and hold every fact and mart of the two against each other."""
        code, said = self.build(self.order(self.clean))
        assert code == 0, said
        tables = self.tortured.tables()
        assert tables == self.clean.tables()
        differing = [
            table
            for table in tables
            if self.tortured.row_texts(*table) != self.clean.row_texts(*table)
        ]
        assert differing == []


@contextmanager
def open_bench(home: Path, parts: int) -> Iterator[Bench]:
    """Make both warehouses, and a sample cut into parts by the hour of its files."""
    server = EmbeddedPostgres(home)
    try:
        url = server.start()
        pair = []
        for name in ("tortured", "clean"):
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f"create database {name}")
            own = url.rpartition("/")[0] + f"/{name}"
            (home / name).mkdir()
            settings = settings_for(home / name, own)
            pair.append(Warehouse(settings, open_database(settings)))
        yield Bench(server, pair[0], pair[1], cut(home / "sample", parts))
    finally:
        server.stop()


def cut(folder: Path, parts: int) -> list[list[str]]:
    """Write the sample, and give its lines in parts, in the order of its files."""
    write_sample(CENTRE, folder, "none", prefix="events-")
    lines = [
        line
        for path in sorted((folder / "support").iterdir())
        for line in path.read_bytes().decode(errors="replace").splitlines()
    ]
    size = -(-len(lines) // parts)
    return [lines[start : start + size] for start in range(0, len(lines), size)]


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="casebook-faults-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.torture
@pytest.mark.timeout(0)
@pytest.mark.parametrize("fault", ["kill -9 of dbt", "immediate stop of the server"])
def test_builds_that_die_are_repaired_by_the_next(home: Path, fault: str) -> None:
    """At a random node, of an incremental build or one from nothing; once or twice in a row."""
    draw, did, began = random.Random(SEED), Counter[str](), time.monotonic()
    with open_bench(home, TRIALS + 1) as bench:
        bench.land(0)
        for number in range(1, len(bench.lines)):
            bench.land(number)
            for _ in range(draw.choice([1, 1, 2])):
                is_whole = draw.random() < 0.3
                at = draw.randrange(1, NODES[is_whole])
                order = bench.order(bench.tortured, full_refresh=is_whole)
                if fault == "kill -9 of dbt":
                    order.kill_at = at
                    code, said = bench.build(order)
                    assert code in {0, -signal.SIGKILL}, said
                else:
                    code, said = bench.build(order, server_dies_at=at)
                    assert code in {0, 1}, said
                    assert code == 0 or said.startswith("RetriableError"), said
                did["died" if code else "came through"] += 1
                did["from nothing"] += is_whole
                # A clock that jumps: nothing a build reads is a time of the machine's.
                if draw.random() < 0.3:
                    did["clock jumps"] += 1
                    jump_clock(bench.tortured, draw.choice([-400, 400]))
            code, said = bench.build(bench.order(bench.tortured))
            assert code == 0, said
            did["trials"] += 1
            is_over = time.monotonic() - began > SECONDS
            if number % COMPARED_EVERY == 0 or number == len(bench.lines) - 1 or is_over:
                bench.compare()
                did["comparisons"] += 1
            tell(fault, did, began)
            if is_over:
                break


def jump_clock(warehouse: Warehouse, days: int) -> None:
    """Let the ledger's times of the builds be those of a clock that was wrong."""
    with warehouse.database.connect() as connection:
        connection.execute(
            "update staging.builds set started_at = started_at + %(days)s * interval '1 day',"
            " finished_at = finished_at + %(days)s * interval '1 day'",
            {"days": days},
        )


def tell(fault: str, did: Counter[str], began: float) -> None:
    """Print what was done so far, for docs/reliability.md."""
    print(f"{fault}: {dict(did)}, {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201


@pytest.mark.torture
@pytest.mark.timeout(0)
def test_full_disk_is_told_and_loses_nothing(home: Path) -> None:
    """On a small file system: a load and a build fail in a sentence, then there is room again."""
    disk = home / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=755", "casebook", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("A small file system cannot be mounted here: run it as root.")
    try:
        _fill_and_free(disk)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)  # noqa: S607


def _fill_and_free(disk: Path) -> None:
    # The database alone lies on the small disk: what dbt writes would fail before its models do.
    server, state = EmbeddedPostgres(disk), disk.parent / "state"
    environment = {
        **os.environ,
        "CASEBOOK_HOME": str(state),
        "CASEBOOK_DATABASE_URL": server.start(),
        "CASEBOOK_HASH_KEY": "a key of the tests only",
        "CASEBOOK_SETTLE_SECONDS": "0",
    }

    def run(step: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).with_name("casebook"), step],
            env=environment,
            cwd=disk,
            capture_output=True,
            text=True,
            check=False,
        )

    settings = load_settings(environment, disk)
    centre = Centre(days=20, sessions_per_day=60, seed=5)
    truth = write_sample(centre, Path(settings.landing), prefix="events-")
    ballast = disk / "ballast"
    try:
        for step, leave_mb in (("load", 1), ("build", 6)):
            _fill(disk, ballast, leave_mb)
            failed = run(step)
            print(f"full disk, {step}: {failed.returncode} {failed.stderr.strip()[-300:]}")  # noqa: T201
            assert failed.returncode == 1, failed
            assert failed.stderr.splitlines()[-1].startswith("Error: ")
            ballast.unlink()
            server.start()
            done = run(step)
            assert done.returncode == 0, done
        with open_database(settings).connect() as connection:
            landed = connection.execute(
                "select (select count(*) from staging.raw_support_events),"
                " (select sum(sessions) from marts.support_kpis_daily)"
                " = (select count(*) from facts.fct_sessions)"
            ).fetchone()
        assert landed == (truth.delivered, True)
    finally:
        server.stop()


def _fill(disk: Path, ballast: Path, leave_mb: int) -> None:
    free = shutil.disk_usage(disk).free - (leave_mb << 20)
    with ballast.open("wb") as file:
        for _ in range(max(free >> 20, 0)):
            file.write(b"\1" * (1 << 20))


@pytest.mark.torture
@pytest.mark.timeout(0)
def test_run_is_accounted_for_when_the_daemon_is_killed(server: Database, home: Path) -> None:
    """All of `casebook dev` ends; after its next start the run is over, and the next one builds."""
    name = "orphaned"
    _create_database(server, name)
    settings = {
        "HOME": str(home / "home"),
        "DATABASE_URL": _url(server, name),
        "HASH_KEY": "a key of the tests only",
        "SETTLE_SECONDS": "0",
    }
    write_sample(Centre(days=2, sessions_per_day=4), home / "home" / "landing", prefix="events-")
    try:
        with serve(home, **settings) as served:
            served.wait_for_status(served.launch("land"), "SUCCESS")
            run = served.launch("full_refresh")
            served.wait_for(lambda: bool(served.run(run)["assetMaterializations"]))
            daemon = served.find_process("dagster._daemon")
            assert daemon is not None
            os.kill(daemon, signal.SIGKILL)
            served.wait_for(lambda: "shut down unexpectedly" in served.output.read_text())
            began = time.monotonic()
        with serve(home, **settings) as again:
            again.wait_for(lambda: again.run(run)["status"] in {"SUCCESS", "FAILURE"})
            ended = again.run(run)["status"]
            print(f"daemon killed: {ended} after {time.monotonic() - began:.0f} s")  # noqa: T201
            again.wait_for_status(again.launch("full_refresh"), "SUCCESS")
    finally:
        with server.connect(autocommit=True) as connection:
            drop(connection, name)
            drop(connection, f"{name}_dagster")
