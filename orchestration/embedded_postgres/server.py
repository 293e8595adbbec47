"""Starting and stopping the embedded server, whatever was killed before."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql

from orchestration.embedded_postgres.accounts import Account, cluster_account
from orchestration.embedded_postgres.clusters import (
    SUPERUSER,
    check_version,
    choose_place,
    create_cluster,
    last_line,
)
from orchestration.embedded_postgres.postmasters import forget_stale_pid, running_postmaster
from orchestration.embedded_postgres.programs import readable_programs
from orchestration.embedded_postgres.state import (
    ServerState,
    locked,
    new_password,
    read_state,
    write_state,
)
from orchestration.ports import LOOPBACK, find_free_port, is_free
from raw_loaders.errors import CasebookError, RetriableError, SettingsError

DATABASE = "casebook"
# Replaying the log after a kill in the middle of a load takes minutes at worst.
START_SECONDS = 600
STOP_SECONDS = 120
# A start right after a kill fails until the dead server's children have noticed.
START_ATTEMPTS = 20
RETRY_SECONDS = 0.25
# They hold its port as long; whoever still does after 2 s is another program.
PORT_ATTEMPTS = 8
# A server's log is moved aside at the start that finds it larger.
LOG_BYTES = 10 << 20
# pg_ctl hands these paths to a shell, inside double quotes.
UNSAFE_IN_PATHS = set('"$`\\\n')
STARTING = ("starting up", "shutting down", "recovery", "not yet accepting")


@dataclass(frozen=True, kw_only=True)
class ServerStatus:
    """What `casebook db status` says; `data` is None before the first start."""

    is_running: bool
    port: int | None
    data: Path | None
    pid: int | None


class EmbeddedPostgres:
    """The one server of a home. Any number of processes may use one home at the same time."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._folder = home / "postgres"
        self._state_file = self._folder / "server.json"

    def start(self) -> str:
        """Start the server unless it runs, and return the URL of its `casebook` database.

        Raises `SettingsError` when the home cannot be used and `CasebookError` when the
        server does not come up.
        """
        if unsafe := UNSAFE_IN_PATHS & set(str(self._home)):
            raise SettingsError(
                f"CASEBOOK_HOME={self._home} must not contain the character {min(unsafe)!r}."
            )
        self._make_folder()
        state = read_state(self._state_file)
        if state is not None and _answers(state):
            return server_url(state)
        with locked(self._folder / "lock") as lock:
            state = self._existing_cluster(lock)
            state = self._bring_up(state)
            _create_database(state)
        return server_url(state)

    def stop(self) -> bool:
        """Stop the server; its clients are disconnected. False when none was running."""
        if read_state(self._state_file) is None:
            return False
        with locked(self._folder / "lock"):
            state = read_state(self._state_file)
            if state is None or running_postmaster(state.data) is None:
                return False
            command = ["stop", "-m", "fast", "-w", "-t", str(STOP_SECONDS)]
            if self._pg_ctl(state, command) != 0 and running_postmaster(state.data) is not None:
                raise RetriableError(
                    f"The embedded database did not stop within {STOP_SECONDS} s; "
                    f"{state.log} has the details."
                )
        return True

    def status(self) -> ServerStatus:
        """Say whether the server runs and where; starts nothing."""
        state = read_state(self._state_file)
        if state is None:
            return ServerStatus(is_running=False, port=None, data=None, pid=None)
        pid = running_postmaster(state.data)
        return ServerStatus(is_running=pid is not None, port=state.port, data=state.data, pid=pid)

    def url(self) -> str | None:
        """Give the URL the server has when it runs; None before the first start."""
        state = read_state(self._state_file)
        return None if state is None else server_url(state)

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Others may pass through to the cluster, not look around.
            self._folder.chmod(0o711)
        except OSError as error:
            raise SettingsError(
                f"CASEBOOK_HOME={self._home} cannot be used ({error.strerror}: {error.filename}): "
                "give this user rights to it or set it to a directory of your own."
            ) from error

    def _existing_cluster(self, lock: int) -> ServerState:
        """Give the state of the home's cluster, which is made if it is not there yet."""
        state = read_state(self._state_file)
        if state is not None and state.data.exists():
            check_version(state.data)
            return state
        if state is None and (self._folder / "data").exists():
            raise SettingsError(
                f"{self._state_file} is missing beside its cluster: restore it from a backup, or "
                f"move {self._folder} away to start with an empty database."
            )
        account = cluster_account(self._folder / "data")
        place = Path(state.place) if state else choose_place(self._folder, account)
        if not place.exists():
            raise SettingsError(
                f"The embedded database of {self._home} lived in {place}, which is gone: restore "
                f"it, or move {self._folder} away to start with an empty one."
            )
        state = ServerState(place=str(place), port=find_free_port(), password=new_password())
        # Before the cluster: without its password a cluster is of no use.
        write_state(self._state_file, state)
        programs = readable_programs(account, place)
        output = self._folder / "initdb.log"
        create_cluster(state.data, programs, account, state.password, lock, output)
        return state

    def _bring_up(self, state: ServerState) -> ServerState:
        """Start the server until it answers; gives the state with the port it has now."""
        for attempt in range(START_ATTEMPTS):
            if running_postmaster(state.data) is None:
                forget_stale_pid(state.data)
                if not is_free(state.port):
                    if attempt < PORT_ATTEMPTS:
                        time.sleep(RETRY_SECONDS)
                        continue
                    state = replace(state, port=find_free_port())
                    write_state(self._state_file, state)
                _rotate(state.log, cluster_account(state.data))
                command = ["start", "-w", "-t", "60", "-l", str(state.log), "-o"]
                self._pg_ctl(state, [*command, f"-p {state.port}"])
            if self._comes_up(state):
                return state
            time.sleep(RETRY_SECONDS)
        raise CasebookError(
            f"The embedded database does not start: {last_line(state.log)} "
            f"({state.log} has the details)."
        )

    def _comes_up(self, state: ServerState) -> bool:
        """Wait while the server starts; False when its process has ended."""
        deadline = time.monotonic() + START_SECONDS
        while running_postmaster(state.data) is not None:
            try:
                _connect(state, "postgres").close()
            except psycopg.OperationalError as error:
                message = str(error)
                if "FATAL" in message and not any(word in message for word in STARTING):
                    raise RetriableError(
                        "The embedded database refuses connections: "
                        f"{message.rpartition('FATAL:')[2].strip()}."
                    ) from error
            else:
                return True
            if time.monotonic() > deadline:
                raise RetriableError(
                    f"The embedded database was not ready within {START_SECONDS} s; "
                    f"{state.log} has the details."
                )
            time.sleep(RETRY_SECONDS)
        return False

    def _pg_ctl(self, state: ServerState, command: list[str]) -> int:
        account = cluster_account(state.data)
        pg_ctl = readable_programs(account, Path(state.place)) / "bin" / "pg_ctl"
        with (self._folder / "pg_ctl.log").open("wb") as output:
            return account.run([str(pg_ctl), "-D", str(state.data), *command], output)


def server_url(state: ServerState, database: str = DATABASE) -> str:
    """Give the URL of a database of the server."""
    return f"postgresql://{SUPERUSER}:{state.password}@{LOOPBACK}:{state.port}/{database}"


def _connect(state: ServerState, database: str) -> psycopg.Connection:
    return psycopg.connect(server_url(state, database), autocommit=True, connect_timeout=5)


def _answers(state: ServerState) -> bool:
    """Whether the home's own server, which knows the password, has its database ready."""
    if running_postmaster(state.data) is None:
        return False
    try:
        _connect(state, DATABASE).close()
    except psycopg.OperationalError:
        return False
    return True


def _create_database(state: ServerState) -> None:
    with _connect(state, "postgres") as connection:
        query = "select from pg_database where datname = %s"
        if connection.execute(query, (DATABASE,)).fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))


def _rotate(log: Path, account: Account) -> None:
    """Make sure the server's user can append to `log`, moving a large one aside."""
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    log.touch(mode=0o600)
    account.own(log)
