"""A spool of its own for each test, child processes that track, a real Redis server."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypedDict

import pytest
import redis

from tests.conftest import MAY_BE_MISSING

DISTRIBUTION = Path(__file__).parents[2] / "tracking"


class Envelope(TypedDict):
    """A line of the spool."""

    id: str
    source: str
    boot: str
    type: str
    time: str
    sequence: str
    data: dict[str, object]


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """A spool that does not exist yet."""
    return tmp_path / "spool"


def sealed_events(spool: Path) -> list[Envelope]:
    """All events that a loader would see, in the order of file and line."""
    files = sorted(spool.glob("*.ndjson"))
    lines = [line for path in files for line in path.read_bytes().splitlines(keepends=True)]
    assert all(line.endswith(b"\n") for line in lines)
    return [json.loads(line) for line in lines]


def without_heartbeats(events: list[Envelope]) -> list[Envelope]:
    return [event for event in events if event["type"] != "tracker.heartbeat"]


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for something that happens in another thread or process."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def oldest_python() -> Path:
    """The oldest Python that the client supports; the test is skipped where there is none."""
    named = shutil.which("python3.9")
    # Beside the running one, where several are kept.
    installed = sorted(Path(sys.base_prefix).parent.glob("3.9.*/bin/python"))
    for python in [*([Path(named)] if named else []), *installed]:
        # A name on the path may be pyenv's, which runs only what is chosen.
        if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return python
    pytest.skip(
        f"{MAY_BE_MISSING}: there is no python3.9 on the path, nor beside {sys.base_prefix}"
    )


def start_child(
    script: str, *arguments: str | Path, python: Path | None = None
) -> subprocess.Popen[str]:
    """Start a Python process that has the client on its path and runs a script.

    What reads its input waits for the test to `communicate`.
    """
    return subprocess.Popen(
        [python or sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(DISTRIBUTION)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_child(
    script: str, *arguments: str | Path, python: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run such a process to its end."""
    child = start_child(script, *arguments, python=python)
    output, errors = child.communicate(timeout=60)
    return subprocess.CompletedProcess(child.args, child.returncode, output, errors)


class RedisServer:
    """A redis-server of its own on a free port, that can be stopped and started again."""

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        assert program, "the tests need redis-server: apt-get install redis-server"
        self._program = program
        self._directory = tempfile.mkdtemp(prefix="casebook-redis-")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self, *options: str) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(
            [
                self._program,
                *("--port", str(self._port), "--bind", "127.0.0.1", "--dir", self._directory),
                *("--save", "", "--appendonly", "no", *options),
            ],
            stdout=subprocess.DEVNULL,
        )
        with self.client() as client:
            wait_until(lambda: self._answers(client))

    def stop(self) -> None:
        """Kill it: what it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Let it take connections and answer nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it answer again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def client(self) -> redis.Redis:
        """Return a connection of the test's own."""
        return redis.Redis.from_url(self.url)

    def remove(self) -> None:
        """Stop it for good."""
        self.stop()
        shutil.rmtree(self._directory)

    @staticmethod
    def _answers(client: redis.Redis) -> bool:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A running server."""
    server = RedisServer()
    server.start()
    yield server
    server.remove()
