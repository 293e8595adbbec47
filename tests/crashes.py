"""Ends that nobody planned."""

from __future__ import annotations

import os
import signal
import time

from orchestration.embedded_postgres import EmbeddedPostgres


def stop_immediately(server: EmbeddedPostgres) -> None:
    """Stop the server as a crash would: no checkpoint, no word to its clients."""
    pid = server.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGQUIT)
    while server.status().is_running:
        time.sleep(0.05)
