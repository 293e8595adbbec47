"""`casebook dev` listens on loopback only, and shows no password in the process list."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.conftest import _url
from tests.pipeline.conftest import drop
from tests.protection.processes import command_line, descendants, listening

if TYPE_CHECKING:
    from orchestration.database import Database

SECONDS = 180
KEY = "a key that no process list shows"


def test_dev_can_be_reached_from_this_machine_only(
    server: Database, warehouse: Database, tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "CASEBOOK_HOME": str(tmp_path / "home"),
        "CASEBOOK_DATABASE_URL": warehouse.url,
        "CASEBOOK_HASH_KEY": KEY,
    }
    program = Path(sys.executable).with_name("casebook")
    family: set[int] = set()
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen(
            [program, "dev", "--port", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=tmp_path,
        )
    try:
        deadline = time.monotonic() + SECONDS
        sockets: set[tuple[str, int]] = set()
        while port not in {number for _, number in sockets}:
            assert process.poll() is None, (tmp_path / "output").read_text()
            assert time.monotonic() < deadline, (tmp_path / "output").read_text()
            time.sleep(0.5)
            family |= descendants(process.pid)
            sockets = listening(family)
        lines = {command_line(pid) for pid in family}
    finally:
        _stop(process, family)
        with server.connect(autocommit=True) as connection:
            drop(connection, f"{warehouse.parameters['dbname']}_dagster")
    assert {
        address for address, _ in sockets if not ipaddress.ip_address(address).is_loopback
    } == set()
    assert any("webserver" in line for line in lines)
    for secret in (str(urlsplit(_url(server, "x")).password), KEY, "://"):
        assert not any(secret in line for line in lines), secret


def _stop(process: subprocess.Popen[bytes], family: set[int]) -> None:
    """End the command as Ctrl-C does, and what it leaves behind."""
    family |= descendants(process.pid)
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in family - {process.pid}:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_a_socket_for_everybody_is_seen() -> None:
    with socket.socket() as open_to_all:
        open_to_all.bind(("0.0.0.0", 0))  # noqa: S104 - what the test above must not find
        open_to_all.listen()
        assert ("0.0.0.0", open_to_all.getsockname()[1]) in listening({os.getpid()})  # noqa: S104
