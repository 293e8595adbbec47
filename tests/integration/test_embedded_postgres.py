"""The embedded server started, stopped and killed for real."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from orchestration.embedded_postgres import EmbeddedPostgres, programs
from orchestration.embedded_postgres.accounts import Account
from raw_loaders.errors import SettingsError

IS_ROOT = os.geteuid() == 0
START = "import sys, pathlib; from orchestration.embedded_postgres import EmbeddedPostgres; "
START += "print(EmbeddedPostgres(pathlib.Path(sys.argv[1])).start())"


@pytest.fixture
def home(make_home: Callable[[], Path]) -> Path:
    return make_home()


def kill_server(embedded: EmbeddedPostgres) -> None:
    pid = embedded.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def start_in_a_process(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START, str(home)], stdout=subprocess.PIPE, text=True
    )


def test_server_keeps_data_and_port_over_a_restart(home: Path) -> None:
    embedded = EmbeddedPostgres(home)
    assert not embedded.status().is_running
    url = embedded.start()
    assert embedded.start() == url
    with psycopg.connect(url) as connection:
        connection.execute("create table kept as select 1 as a")
    assert embedded.status().is_running
    assert embedded.stop()
    assert not embedded.stop()
    assert not embedded.status().is_running
    assert embedded.start() == url
    with psycopg.connect(url) as connection:
        assert connection.execute("select a from kept").fetchone() == (1,)


def test_server_is_as_the_warehouse_needs_it(home: Path) -> None:
    with psycopg.connect(EmbeddedPostgres(home).start()) as connection:
        rows = connection.execute("select name, setting from pg_settings").fetchall()
        row = connection.execute(
            "select datlocprovider, datlocale from pg_database where datname = 'casebook'"
        ).fetchone()
    assert row == ("b", "C.UTF-8")
    settings: dict[str, str] = dict(rows)
    assert settings["listen_addresses"] == "127.0.0.1"
    assert settings["unix_socket_directories"] == ""
    assert settings["synchronous_commit"] == "on"
    assert settings["fsync"] == "on"
    assert settings["password_encryption"] == "scram-sha-256"
    assert settings["log_error_verbosity"] == "terse"


def test_server_refuses_a_wrong_password(home: Path) -> None:
    parts = urlsplit(EmbeddedPostgres(home).start())
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://casebook:wrong@127.0.0.1:{parts.port}/casebook")


def test_secrets_are_readable_by_their_owner_only(home: Path) -> None:
    EmbeddedPostgres(home).start()
    assert (home / "postgres" / "server.json").stat().st_mode & 0o077 == 0


def test_server_starts_right_after_it_was_killed(home: Path) -> None:
    embedded = EmbeddedPostgres(home)
    url = embedded.start()
    with psycopg.connect(url) as connection:
        connection.execute("create table kept (a int)")
    for number in range(5):
        with psycopg.connect(url) as connection:
            connection.execute("insert into kept values (%s)", (number,))
        kill_server(embedded)
        assert embedded.start() == url
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (5,)


def test_stale_pid_of_another_live_process_is_seen_through(home: Path) -> None:
    """After a reboot the number in the pid file may be anybody's."""
    embedded = EmbeddedPostgres(home)
    url = embedded.start()
    data = embedded.status().data
    assert data is not None
    lines = (data / "postmaster.pid").read_text().splitlines()
    embedded.stop()
    (data / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert not embedded.status().is_running
    assert not embedded.stop()
    assert embedded.start() == url


@pytest.mark.parametrize("seconds", [0.15, 0.3, 0.5, 0.7, 0.9])
def test_first_start_goes_on_after_its_client_was_killed(home: Path, seconds: float) -> None:
    process = start_in_a_process(home)
    with process:
        time.sleep(seconds)
        process.kill()
    url = EmbeddedPostgres(home).start()
    with psycopg.connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_starts_at_the_same_time_meet_in_one_server(home: Path) -> None:
    processes = [start_in_a_process(home) for _ in range(4)]
    urls = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert urls == {EmbeddedPostgres(home).start()}


def test_two_homes_do_not_meet(make_home: Callable[[], Path]) -> None:
    first, second = (EmbeddedPostgres(make_home()).start() for _ in range(2))
    assert urlsplit(first).port != urlsplit(second).port
    with psycopg.connect(first) as connection:
        connection.execute("create table only_here (a int)")
    with psycopg.connect(second) as connection:
        row = connection.execute("select to_regclass('only_here')").fetchone()
    assert row == (None,)


def test_port_taken_by_another_program_is_replaced(home: Path) -> None:
    embedded = EmbeddedPostgres(home)
    old = urlsplit(embedded.start()).port
    embedded.stop()
    assert old is not None
    with socket.create_server(("127.0.0.1", old)):
        new = urlsplit(embedded.start()).port
        assert new != old
        assert json.loads((home / "postgres" / "server.json").read_text())["port"] == new
    assert urlsplit(embedded.start()).port == new


def test_home_that_the_servers_user_cannot_enter_remembers_another_place(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    embedded = EmbeddedPostgres(closed / "casebook")
    url = embedded.start()
    data = embedded.status().data
    assert data is not None
    try:
        # Only root runs the server as somebody else.
        assert data.is_relative_to(closed) is not IS_ROOT
        embedded.stop()
        assert embedded.start() == url
        assert embedded.status().data == data
    finally:
        embedded.stop()
        if not data.is_relative_to(closed):
            shutil.rmtree(data.parent)


def test_programs_that_the_servers_user_cannot_read_are_copied(home: Path) -> None:
    """A checkout below /root has a virtual environment that only root can enter.

    The copy forgot the shared libraries once: `postgres --version` runs without, initdb not.
    """
    bundled = programs.bundled_programs()
    packages = home / "closed"
    closed = packages / bundled.relative_to(bundled.parents[1])
    for directory in (bundled, programs.libraries_of(bundled)):
        target = packages / directory.relative_to(bundled.parents[1])
        shutil.copytree(directory, target, symlinks=True)
    packages.chmod(0o700)
    nobody = pwd.getpwnam("nobody")
    account = Account(nobody.pw_uid, nobody.pw_gid, is_other=IS_ROOT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(programs, "bundled_programs", lambda: closed)
        chosen = programs.readable_programs(account, home)
        again = programs.readable_programs(account, home)
    assert chosen == again
    assert (chosen == closed) is not IS_ROOT
    for program in ("postgres", "initdb", "pg_ctl", "psql"):
        assert account.run([str(chosen / "bin" / program), "--version"]) == 0


def test_ordinary_user_runs_the_server_itself(home: Path) -> None:
    """Root becomes `nobody` in a forked child; an ordinary user is one already."""
    if not IS_ROOT:
        EmbeddedPostgres(home).start()
        data = EmbeddedPostgres(home).status().data
        assert data is not None
        assert data.stat().st_uid == os.geteuid()
        return
    nobody = pwd.getpwnam("nobody")
    place = home / "programs"
    place.mkdir(mode=0o755)
    readable = programs.readable_programs(
        Account(nobody.pw_uid, nobody.pw_gid, is_other=True), place
    )
    own = home / "own"
    own.mkdir()
    os.chown(own, nobody.pw_uid, nobody.pw_gid)
    with warnings.catch_warnings():
        # The child only runs this test's few lines and leaves by _exit.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            chooser = "orchestration.embedded_postgres.server.readable_programs"
            pytest.MonkeyPatch().setattr(chooser, lambda *_: readable)
            embedded = EmbeddedPostgres(own)
            with psycopg.connect(embedded.start()) as connection:
                connection.execute("select 1")
            status = embedded.status()
            assert status.data is not None
            assert status.data.is_relative_to(own)
            assert embedded.stop()
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_broken_home_is_named(home: Path) -> None:
    state = home / "postgres" / "server.json"
    EmbeddedPostgres(home).start()
    state.write_text("{")
    with pytest.raises(SettingsError, match=r"server\.json is damaged"):
        EmbeddedPostgres(home).start()
    state.unlink()
    (home / "postgres" / "data").mkdir(exist_ok=True)
    with pytest.raises(SettingsError, match=r"server\.json is missing beside its cluster"):
        EmbeddedPostgres(home).start()
    with pytest.raises(SettingsError, match=r"cannot be used \(Not a directory"):
        EmbeddedPostgres(home / "postgres" / "lock").start()
