"""Shared fixtures: a real embedded server per session, a fresh migrated database per test."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from orchestration.database import Database, open_database
from orchestration.embedded_postgres import EmbeddedPostgres
from orchestration.embedded_postgres.clusters import ELSEWHERE
from orchestration.settings import Settings, load_settings

# Their assertions show values when they fail, like those of a test.
pytest.register_assert_rewrite("tests.landing_parts", "tests.property")

TEMPLATE = "casebook_template"
# Folders whose modules share what is too expensive to make twice.
ONE_WORKER = ("tests/pipeline/daily_run",)


@pytest.fixture(scope="session")
def session_home() -> Iterator[Path]:
    """A home that another user can enter; pytest's own temporary folders are closed to them."""
    home = Path(tempfile.mkdtemp(prefix="casebook-tests-"))
    home.chmod(0o755)
    yield home
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def server(session_home: Path) -> Iterator[Database]:
    """The session's own embedded server: its `casebook` database, without a schema."""
    embedded = EmbeddedPostgres(session_home)
    yield Database(embedded.start(), is_embedded=True)
    embedded.stop()


@pytest.fixture(scope="session")
def template(server: Database, session_home: Path) -> str:
    """The name of a migrated database that nobody is connected to."""
    _create_database(server, TEMPLATE)
    open_database(settings_for(session_home, _url(server, TEMPLATE)))
    return TEMPLATE


@pytest.fixture
def make_home() -> Iterator[Callable[[], Path]]:
    """Make homes that other users can enter; their servers are stopped at the end."""
    homes: list[Path] = []

    def make() -> Path:
        home = Path(tempfile.mkdtemp(prefix="casebook-home-"))
        home.chmod(0o755)
        homes.append(home)
        return home

    yield make
    for home in homes:
        embedded = EmbeddedPostgres(home)
        embedded.stop()
        data = embedded.status().data
        if data is not None and any(data.is_relative_to(parent) for parent in ELSEWHERE):
            shutil.rmtree(data.parent)
        shutil.rmtree(home)


_numbers = itertools.count(1)


@pytest.fixture
def warehouse(server: Database, template: str) -> Iterator[Database]:
    """A fresh database with all migrations applied; use `.url` and `.connect()`."""
    name = f"test_{next(_numbers)}"
    _create_database(server, name, template)
    yield Database(_url(server, name), is_embedded=False)
    with server.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def connection(warehouse: Database) -> Iterator[psycopg.Connection]:
    """An open session on `warehouse`; nothing is committed for the test."""
    with warehouse.connect() as connection:
        yield connection


@pytest.fixture
def settings(warehouse: Database, tmp_path: Path) -> Settings:
    """Settings of a home of the test's own whose database is `warehouse`."""
    return settings_for(tmp_path / "home", warehouse.url)


@pytest.fixture(autouse=True)
def _no_outside_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own settings and libpq variables out of the tests."""
    for name in list(os.environ):
        if name.startswith(("CASEBOOK_", "DBT_", "DAGSTER_", "PG")):
            monkeypatch.delenv(name)


def settings_for(home: Path, database_url: str | None, **values: str) -> Settings:
    """Give settings for `home`; further ones by the end of their name, such as TIMEZONE="UTC"."""
    environ = {"CASEBOOK_HOME": str(home), "CASEBOOK_HASH_KEY": "a key of the tests only"}
    if database_url is not None:
        environ["CASEBOOK_DATABASE_URL"] = database_url
    environ |= {f"CASEBOOK_{name}": value for name, value in values.items()}
    return load_settings(environ, home.parent)


def _create_database(server: Database, name: str, template: str = "template1") -> None:
    statement = sql.SQL("create database {} template {}")
    with server.connect(autocommit=True) as connection:
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def _url(server: Database, name: str) -> str:
    return urlunsplit(urlsplit(server.url)._replace(path=f"/{name}"))


class FolderScheduling(LoadFileScheduling):  # type: ignore[misc] # it has no types
    """`--dist loadfile`, for which each folder of `ONE_WORKER` is one file."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return next((folder for folder in ONE_WORKER if file.startswith(f"{folder}/")), file)


def pytest_configure() -> None:
    """Let SIGINT end the tests, also where a shell started them in the background.

    Such a shell has it ignored. Dagster gives SIGTERM the handler of SIGINT when a run in this
    process ends, and each service that a later test starts would ignore SIGTERM from its start.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Keep the tests of a file, and those of some folders, on one worker."""
    return FolderScheduling(config, log) if config.getvalue("dist") == "loadfile" else None


# What a machine may have none of, and `.ci/run` cannot install: another Python.
MAY_BE_MISSING = "NOT TESTED on Python 3.9"
_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember skipped tests; an expected failure is none."""
    if (
        report.skipped
        and not hasattr(report, "wasxfail")
        and MAY_BE_MISSING not in str(report.longrepr)
    ):
        _skipped.append(report.nodeid)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Remember modules that were skipped as a whole."""
    if report.skipped:
        _skipped.append(report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail in continuous integration when a test was skipped: there it has all it needs."""
    if os.environ.get("CI") == "true" and _skipped and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why the session failed."""
    if os.environ.get("CI") == "true" and _skipped:
        terminalreporter.write_line(f"CI=true: {len(_skipped)} skipped tests count as failed.")
