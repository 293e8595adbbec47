"""The `casebook` command as a person meets it: results on stdout, one sentence on stderr."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from orchestration.cli.main import COMMANDS, tell_error
from orchestration.database import Database
from raw_loaders.errors import RetriableError
from tests.integration.conftest import Casebook, Outcome

RUN = "from orchestration.cli import main; main()"


def with_parts(url: str, **parts: str) -> str:
    """Give `url` with another netloc or path."""
    return urlunsplit(urlsplit(url)._replace(**parts))


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"TIMEZONE": "Mars/Olympus"}, "CASEBOOK_TIMEZONE=Mars/Olympus"),
        ({"TIME_ZONE": "UTC"}, "CASEBOOK_TIME_ZONE is not a setting"),
        ({"DATABASE_URL": "mysql://localhost/x"}, "CASEBOOK_DATABASE_URL must start with"),
        ({"DATABASE_URL": "postgresql://host:port/x"}, "CASEBOOK_DATABASE_URL"),
        ({"AS_OF": "yesterday"}, "CASEBOOK_AS_OF=yesterday"),
        ({"ASSUMPTIONS": "nowhere"}, "CASEBOOK_ASSUMPTIONS=nowhere is not a directory"),
        ({"HOME": "/dev/null"}, "CASEBOOK_HOME=/dev/null cannot be used"),
        ({"DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "The database at 127.0.0.1:1"),
        ({"DATABASE_URL": "postgresql://no.such.host.invalid/x"}, "no.such.host.invalid"),
    ],
)
def test_wrong_setting_is_named_and_nothing_is_started(
    casebook: Casebook, tmp_path: Path, settings: dict[str, str], named: str
) -> None:
    casebook("build", **settings).assert_sentence(named)
    assert not (tmp_path / "home").exists()


def test_wrong_assumption_is_named_before_anything_starts(
    casebook: Casebook, tmp_path: Path
) -> None:
    (tmp_path / "assumptions").mkdir()
    (tmp_path / "assumptions" / "costs_of_mine.csv").write_text("a\n1\n")
    outcome = casebook("build", ASSUMPTIONS="assumptions")
    outcome.assert_sentence("costs_of_mine.csv is not the name of an assumption")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("name", ["site", "channel"])
def test_trace_takes_a_dimension_by_its_name(casebook: Casebook, name: str) -> None:
    number = ("trace", f"support_kpis_monthly_by_{name}.sessions", "--period")
    outcome = casebook(*number, "2025-12", f"--{name}", "a", "--where", f"{name}=b")
    outcome.assert_sentence(f"{name} is both b and a")
    outcome = casebook(*number, "2025-12-17", f"--{name}", "a")
    outcome.assert_sentence("The period 2025-12-17 is no month such as 2025-12")


def test_database_that_refuses_is_named(casebook: Casebook, server: Database) -> None:
    address = urlsplit(server.url).netloc.rpartition("@")[2]
    wrong_password = with_parts(server.url, netloc=f"casebook:wrong@{address}")
    outcome = casebook("build", DATABASE_URL=wrong_password)
    outcome.assert_sentence(address, "password authentication failed", "CASEBOOK_DATABASE_URL")
    assert "wrong" not in outcome.err
    outcome = casebook("build", DATABASE_URL=with_parts(server.url, path="/nowhere"))
    outcome.assert_sentence(address, 'database "nowhere" does not exist')


@pytest.fixture
def guest(server: Database) -> str:
    """The URL of an empty database for a user who may create nothing in it."""
    with server.connect(autocommit=True) as connection:
        connection.execute("drop database if exists guests")
        connection.execute("create database guests")
        connection.execute(
            "do $$ begin create role guest login password 'guest';"
            " exception when duplicate_object then null; end $$"
        )
    address = urlsplit(server.url).netloc.rpartition("@")[2]
    return f"postgresql://guest:guest@{address}/guests"


def test_user_without_rights_is_named(casebook: Casebook, guest: str) -> None:
    casebook("build", DATABASE_URL=guest).assert_sentence(
        "guest", "guests", "grant create on database guests to guest"
    )
    with psycopg.connect(guest) as connection:
        row = connection.execute("select to_regnamespace('staging')").fetchone()
    assert row == (None,)


def test_user_who_may_create_schemas_needs_no_other_right(
    casebook: Casebook, guest: str, server: Database
) -> None:
    with server.connect(autocommit=True) as connection:
        connection.execute(
            sql.SQL("grant create on database {} to guest").format(sql.Identifier("guests"))
        )
    assert casebook("status", DATABASE_URL=guest).code == 0


def test_url_is_alone_on_stdout(casebook: Casebook, server: Database) -> None:
    assert casebook("db", "url", DATABASE_URL=server.url) == Outcome(0, server.url + "\n", "")


def test_embedded_commands_refuse_another_database(casebook: Casebook, server: Database) -> None:
    for command in ("start", "stop"):
        outcome = casebook("db", command, DATABASE_URL=server.url)
        outcome.assert_sentence("CASEBOOK_DATABASE_URL is set")
    assert "answers at 127.0.0.1" in casebook("db", "status", DATABASE_URL=server.url).out


def test_embedded_database_is_started_shown_and_stopped(
    casebook: Casebook, make_home: Callable[[], Path]
) -> None:
    home = str(make_home())
    assert "No embedded database" in casebook("db", "status", HOME=home).out
    assert "was not running" in casebook("db", "stop", HOME=home).out
    assert "runs on port" in casebook("db", "start", HOME=home).out
    assert casebook("db", "status", HOME=home).out.startswith("Running on port")
    url = casebook("db", "url", HOME=home).out.strip()
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from staging.loads").fetchone()
    assert row == (0,)
    assert "have not been built yet" in casebook("status", HOME=home).out
    assert "was stopped" in casebook("db", "stop", HOME=home).out
    assert casebook("db", "status", HOME=home).out.startswith("Stopped")


def test_psql_reaches_the_database(warehouse: Database, tmp_path: Path) -> None:
    arguments = ["db", "psql", "-XAtc", "select count(*) from staging.builds"]
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        env={"CASEBOOK_DATABASE_URL": warehouse.url, "PYTHONPATH": ":".join(sys.path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "0\n"


def test_help_lists_every_command_without_importing_them(tmp_path: Path) -> None:
    program = "import sys; sys.argv[1:] = ['--help']\n"
    program += "from orchestration.cli import main\ntry:\n    main()\nfinally:\n"
    program += "    print({'psycopg', 'dagster', 'dbt', 'pandas', 'rich'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": ":".join(sys.path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.rstrip().endswith("set()")
    for name in COMMANDS:
        assert f"  {name} " in done.stdout


def test_help_of_every_command_names_it(casebook: Casebook) -> None:
    for name in COMMANDS:
        assert f"casebook {name}" in casebook(name, "--help").out


def test_errors_are_told_in_a_sentence() -> None:
    assert tell_error(RetriableError("Try again.")) == "Try again."
    assert tell_error(PermissionError(13, "Permission denied", "/x")) == (
        "Permission denied: /x. Mend that, then run the same command again."
    )
    assert tell_error(psycopg.OperationalError("server closed\nCONTEXT: a row")) == (
        "The database failed (server closed): run the same command again."
    )
    assert tell_error(ValueError("a mistake of ours")) is None


def test_a_reader_that_goes_away_ends_no_thread_of_the_work() -> None:
    """Rich ended the thread that printed: one of dbt's, which the build waited for, for ever."""
    work = (
        "from threading import Thread\n"
        "from orchestration.cli.listening import listen\n"
        "done = []\n"
        "def build():\n"
        "    listener.step('Building', 'a', 0, 2)\n"
        "    listener.say('Half.')\n"
        "    done.append(True)\n"
        "with listen() as listener:\n"
        "    input()\n"
        "    thread = Thread(target=build)\n"
        "    thread.start(); thread.join()\n"
        "print(done)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", work],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        process.stderr.close()
        process.stderr = None
        out, _ = process.communicate("go\n", timeout=60)
    assert (out, process.returncode) == ("[True]\n", 0)
