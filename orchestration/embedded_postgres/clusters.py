"""Making a cluster: where it lives, what initdb is told, which settings it gets."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from orchestration.embedded_postgres.accounts import Account
from orchestration.embedded_postgres.programs import MAJOR_VERSION
from raw_loaders.errors import CasebookError, SettingsError

SUPERUSER = "casebook"
# For homes that the server's account cannot enter; the first that can be written is taken.
ELSEWHERE = (Path("/var/lib/casebook"), Path("/var/tmp/casebook"))  # noqa: S108 - mkdtemp inside
# Below this, parallel queries meet "could not resize shared memory segment" (Docker gives 64 MB).
SMALL_SHM_BYTES = 1 << 30

# Written into postgresql.conf once, so that an administrator may change them afterwards.
SETTINGS = {
    # A warehouse of some 10M events; the rest of its cache is the operating system's.
    "shared_buffers": "512MB",
    # Sorts and hashes of a build stay in memory; dbt runs two threads.
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    # A load of 1M events writes about 1 GB of log: no checkpoint in the middle of it.
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    # No replica: tables that a build creates are synced at commit and not logged first.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "synchronous_commit": "on",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # DETAIL, CONTEXT and STATEMENT lines quote rows; the log must hold no content.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    # dbt connects anew for every model. Iterations protect a password that can be guessed; this
    # one is 192 random bits, and they were most of what connecting took.
    "scram_iterations": "1",
    # Loopback TCP only: no socket file whose path may be too long or unwritable.
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}


def choose_place(folder: Path, account: Account) -> Path:
    """Give the directory for a new cluster: `folder`, or elsewhere if it is out of reach."""
    if not account.is_other or account.can_enter(folder):
        return folder
    for parent in ELSEWHERE:
        try:
            parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            place = Path(tempfile.mkdtemp(prefix="home-", dir=parent))
        except OSError:
            continue
        place.chmod(0o755)
        if account.can_enter(place):
            return place
    raise SettingsError(
        f"The server's user cannot enter {folder}, nor a directory below "
        f"{' or '.join(map(str, ELSEWHERE))}: run Casebook as an ordinary user, or set "
        "CASEBOOK_HOME to a directory that other users may enter."
    )


def create_cluster(
    data: Path, programs: Path, account: Account, password: str, lock: int, log: Path
) -> None:
    """Make an empty cluster at `data`, whole or not at all.

    initdb inherits `lock`: when this process is killed, the next one waits for initdb's end
    before it cleans up.
    """
    unfinished = data.with_name("data.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    account.own(unfinished)
    password_file = data.with_name("password.new")
    password_file.unlink(missing_ok=True)
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    account.own(password_file)
    try:
        with log.open("wb") as output:
            code = account.run(
                _initdb(programs, unfinished, password_file), output, pass_fds=(lock,)
            )
    finally:
        password_file.unlink(missing_ok=True)
    if code != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise CasebookError(
            f"The embedded database could not be created in {data}: {last_line(log)} "
            f"({log} has the details)."
        )
    unfinished.rename(data)


def check_version(data: Path) -> None:
    """Raise `SettingsError` unless the cluster at `data` is of the bundled major version."""
    version = (data / "PG_VERSION").read_text().strip()
    if version != MAJOR_VERSION:
        raise SettingsError(
            f"The cluster in {data} is of Postgres {version} and this Casebook brings "
            f"{MAJOR_VERSION}: dump it with the Casebook that made it and restore it into a new "
            "CASEBOOK_HOME."
        )


def last_line(log: Path) -> str:
    """Give the last line of a log that is not blank, without its time stamp."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    for line in reversed(lines):
        for level in ("FATAL:", "PANIC:", "error:"):
            if level in line:
                return line.partition(level)[2].strip()
    return lines[-1].strip() if lines else "it wrote nothing"


def _initdb(programs: Path, data: Path, password_file: Path) -> list[str]:
    settings = dict(SETTINGS)
    if _shared_memory_bytes() < SMALL_SHM_BYTES:
        settings["dynamic_shared_memory_type"] = "mmap"
    return [
        str(programs / "bin" / "initdb"),
        f"--pgdata={data}",
        f"--username={SUPERUSER}",
        f"--pwfile={password_file}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        # Sorts by code point and knows Unicode's letters, whatever the system's locales are.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
        *(f"--set={name}={value}" for name, value in settings.items()),
    ]


def _shared_memory_bytes() -> int:
    try:
        volume = os.statvfs("/dev/shm")  # noqa: S108 - only its size is read
    except OSError:
        return 0
    return volume.f_bavail * volume.f_frsize
