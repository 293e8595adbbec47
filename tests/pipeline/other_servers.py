"""A Postgres server of the distribution, older than the one that Casebook brings."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from orchestration.embedded_postgres.accounts import cluster_account
from orchestration.ports import LOOPBACK, find_free_port

# Where Debian and its heirs put each major version.
INSTALLED = Path("/usr/lib/postgresql")
OLDEST = 15
INITDB = "--auth=trust --username=casebook --encoding=UTF8 --locale=C.UTF-8"


def find_oldest() -> Path:
    """Give the programs of the oldest version that Casebook supports; skips without any."""
    versions = [int(path.name) for path in INSTALLED.glob("[0-9]*") if path.name.isdigit()]
    supported = [version for version in versions if version >= OLDEST]
    if not supported:
        pytest.skip(f"No Postgres in {INSTALLED}: apt-get install postgresql")
    return INSTALLED / str(min(supported)) / "bin"


@contextmanager
def running_postgres(programs: Path) -> Iterator[str]:
    """Run an empty server on a free port of this machine; gives the URL of its database."""
    folder = Path(tempfile.mkdtemp(prefix="casebook-postgres-"))
    folder.chmod(0o755)
    data = folder / "data"
    account = cluster_account(data)
    data.mkdir(mode=0o700)
    account.own(data)
    port = find_free_port()
    options = f"-p {port} -c listen_addresses={LOOPBACK} -c unix_socket_directories="
    log = data / "log"
    pg_ctl = [str(programs / "pg_ctl"), "-D", str(data), "-w"]
    try:
        assert account.run([*pg_ctl, "initdb", "-o", INITDB]) == 0
        started = account.run([*pg_ctl, "start", "-l", str(log), "-o", options])
        assert started == 0, log.read_text()
        yield f"postgresql://casebook@{LOOPBACK}:{port}/postgres"
        account.run([*pg_ctl, "stop", "-m", "immediate"])
    finally:
        shutil.rmtree(folder)
