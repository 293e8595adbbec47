"""Ports of this machine that nothing listens on."""

from __future__ import annotations

import random
import socket

from raw_loaders.errors import RetriableError

LOOPBACK = "127.0.0.1"
# Below Linux's and macOS's ephemeral ports, so that no outgoing connection takes a chosen one.
PORTS = range(15432, 32768)


def find_free_port() -> int:
    """Draw a port that nothing listens on; two that draw at once seldom meet."""
    for port in random.sample(PORTS, 100):
        if is_free(port):
            return port
    raise RetriableError(f"No free port was found between {PORTS[0]} and {PORTS[-1]}.")


def is_free(port: int) -> bool:
    """Whether a server could listen on it; connections of its last one that linger do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True
