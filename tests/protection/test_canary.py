"""Secrets in all content of all sources, one `casebook run`, and a search of what it left.

One run serves all: a build costs half a minute.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from orchestration.builds import EVENT_TABLES
from orchestration.database import Database, open_database
from orchestration.embedded_postgres import EmbeddedPostgres
from orchestration.samples.back_office import BackOffice, create_back_office
from tests.conftest import _create_database, _url, settings_for
from tests.pipeline.conftest import drop
from tests.protection.canaries import Canaries, find_words
from tests.protection.plants import (
    POISON_ID,
    POISON_NUMBER,
    coding_files,
    plant_back_office,
    studio_lines,
    support_lines,
)
from tests.protection.processes import command_line, descendants
from tests.protection.searching import Found, search_database, search_files, search_packed

NAME, OFFICE = "canary", "canary_office"
HASH_KEY = "a key that no process list shows"
SECONDS = 560
POLL_SECONDS = 0.3
# Where bytes of rejected lines may be, for 30 days: the two sources that allow it.
KEEPING = ("support", "coze_studio")


@dataclass(frozen=True)
class Aftermath:
    """What a run over planted sources left."""

    canaries: Canaries
    home: Path
    warehouse: Database
    runs: Database
    code: int
    out: bytes
    err: bytes
    command_lines: set[str]
    passwords: tuple[str, ...]
    server_log: Path


@pytest.fixture(scope="module")
def aftermath(server: Database, session_home: Path) -> Iterator[Aftermath]:
    canaries = Canaries()
    home = session_home / NAME
    home.mkdir()
    _create_database(server, NAME)
    _create_database(server, OFFICE)
    settings = settings_for(home, _url(server, NAME), HASH_KEY=HASH_KEY)
    warehouse = open_database(settings)
    _plant(canaries, settings.landing, server)
    _refuse_poison(warehouse)
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("CASEBOOK_", "DAGSTER_"))},
        "CASEBOOK_HOME": str(home),
        "CASEBOOK_DATABASE_URL": warehouse.url,
        "CASEBOOK_AI_ADMIN_URL": _url(server, OFFICE),
        "CASEBOOK_HASH_KEY": HASH_KEY,
        "CASEBOOK_SETTLE_SECONDS": "0",
    }
    code, out, err, command_lines = _watch(["run"], environment, session_home)
    log = EmbeddedPostgres(session_home).status().data
    assert log is not None
    yield Aftermath(
        canaries,
        home,
        warehouse,
        Database(_url(server, f"{NAME}_dagster"), is_embedded=False),
        code,
        out,
        err,
        command_lines,
        (str(urlsplit(server.url).password), HASH_KEY),
        log.with_name("server.log"),
    )
    with server.connect(autocommit=True) as connection:
        for name in (NAME, OFFICE, f"{NAME}_dagster"):
            drop(connection, name)


def _plant(canaries: Canaries, landing: str, server: Database) -> None:
    files = {
        "support/desk.ndjson": b"\n".join(support_lines(canaries)) + b"\n",
        "coze_studio/posts.ndjson": b"\n".join(studio_lines(canaries)) + b"\n",
        **{f"qwen_code/{name}": text for name, text in coding_files(canaries).items()},
    }
    for name, content in files.items():
        path = Path(landing) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    cut = gzip.compress(b'{"id": "%s"}\n' % canaries.secret("a cut file").encode() * 99)[:-9]
    (Path(landing) / "support" / "cut.ndjson.gz").write_bytes(cut)
    with psycopg.connect(_url(server, OFFICE)) as connection:
        create_back_office(connection, BackOffice(days=2, runs_per_day=20))
        plant_back_office(connection, canaries)


def _refuse_poison(warehouse: Database) -> None:
    """Let the server refuse what passed every check of the loader."""
    with warehouse.connect() as connection:
        for table in EVENT_TABLES.values():
            connection.execute(
                sql.SQL(
                    "alter table {} add constraint no_poison"
                    " check (event_id not in ({}, {}) and event_id not like {})"
                ).format(
                    sql.Identifier("staging", table),
                    POISON_ID,
                    str(POISON_NUMBER),
                    f"%/{POISON_NUMBER}#1",
                )
            )


def _watch(
    arguments: list[str], environment: dict[str, str], folder: Path
) -> tuple[int, bytes, bytes, set[str]]:
    """Run `casebook`; give its exit code, streams, and all command lines of its processes."""
    program = Path(sys.executable).with_name("casebook")
    out, err = folder / "canary.out", folder / "canary.err"
    seen: set[str] = set()
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            [program, *arguments], stdout=stdout, stderr=stderr, env=environment, cwd=folder
        )
        try:
            deadline = time.monotonic() + SECONDS
            while process.poll() is None and time.monotonic() < deadline:
                seen |= {command_line(pid) for pid in descendants(process.pid)}
                time.sleep(POLL_SECONDS)
        finally:
            process.kill()
            process.wait()
    return process.returncode, out.read_bytes(), err.read_bytes(), seen


def test_run_landed_and_built_what_was_planted(aftermath: Aftermath) -> None:
    """Without which the search would prove nothing; a cut file fails the command at its end."""
    assert aftermath.code == 1, aftermath.err.decode()
    assert b"cut.ndjson.gz" in aftermath.err.splitlines()[-1]
    assert aftermath.err.count(b"Traceback") == 0
    with aftermath.warehouse.connect() as connection:
        landed = connection.execute(
            "select objects.source, sum(landed_count)::int from staging.loads as loads"
            " inner join staging.objects as objects using (object_id) group by 1"
        ).fetchall()
        rejected = connection.execute("select source, reason from staging.quarantine").fetchall()
        built = connection.execute(
            "select count(*) from staging.builds where finished_at is not null"
        ).fetchone()
    assert {source for source, count in landed if count} == EVENT_TABLES.keys()
    assert {source for source, reason in rejected if reason == "server_rejected"} == (
        EVENT_TABLES.keys()
    )
    for reason in ("id_conflict", "malformed"):
        assert {source for source, why in rejected if why == reason} >= {
            "support",
            "coze_studio",
            "qwen_code",
        }
    assert built == (1,)


def test_no_table_holds_a_secret(aftermath: Aftermath) -> None:
    found = search_database(aftermath.warehouse)
    kept = found.pop("staging.quarantine_raw")
    assert aftermath.canaries.leaks(found) == []
    # Rejected lines may be kept of the sources that allow it, and are: the search sees bytes.
    places = {
        aftermath.canaries.secrets[word].split()[0].rstrip(",")
        for word in kept
        if word in aftermath.canaries.secrets
    }
    assert places == set(KEEPING)


def test_search_of_tables_finds_what_is_kept(aftermath: Aftermath) -> None:
    found = search_database(aftermath.warehouse)
    for source, table in EVENT_TABLES.items():
        words = {aftermath.canaries.plain.get(word, "") for word in found[f"staging.{table}"]}
        assert any(place.startswith(source) for place in words), source
    seen: set[str] = set().union(*(w for t, w in found.items() if t.startswith("facts.")))
    assert seen & aftermath.canaries.plain.keys()


def test_no_record_of_a_run_holds_a_secret(aftermath: Aftermath) -> None:
    found: Found = {**search_database(aftermath.runs), **search_packed(aftermath.runs)}
    assert found["public.event_logs"] is not None
    assert aftermath.canaries.leaks(found) == []


def test_no_file_of_the_home_or_log_of_the_server_holds_a_secret(aftermath: Aftermath) -> None:
    landing = aftermath.home / "landing"
    found = search_files(aftermath.home, [landing])
    assert any("dbt" in path for path in found)
    assert aftermath.canaries.leaks(found) == []
    assert aftermath.canaries.leaks(search_files(landing)), "the same search finds the sources"
    log = aftermath.server_log
    assert "no_poison" in log.read_text()
    assert aftermath.canaries.leaks(search_files(log.parent, [log.parent / "data"])) == []


def test_nothing_printed_holds_a_secret(aftermath: Aftermath) -> None:
    printed = {"stdout": find_words(aftermath.out), "stderr": find_words(aftermath.err)}
    assert aftermath.canaries.leaks(printed) == []


def test_no_process_of_the_run_shows_a_password_or_key(aftermath: Aftermath) -> None:
    lines = aftermath.command_lines
    assert any(line.rstrip().endswith("casebook run") for line in lines)
    for line in lines:
        assert "://" not in line
        for secret in aftermath.passwords:
            assert secret not in line
