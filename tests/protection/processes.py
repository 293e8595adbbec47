"""Processes as /proc shows them: a process' descendants, command lines, listening sockets."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
LISTENING = "0A"


def descendants(pid: int) -> set[int]:
    """Give a process and all that it started, as far as their parents live."""
    children: dict[int, list[int]] = {}
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            # The name before it may hold spaces and brackets.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    family, waiting = set(), [pid]
    while waiting:
        member = waiting.pop()
        family.add(member)
        waiting += children.get(member, [])
    return family


def command_line(pid: int) -> str:
    """Give a process' arguments as one text; '' when it has ended."""
    with suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def listening(pids: set[int]) -> set[tuple[str, int]]:
    """Give the address and port of each TCP socket on which one of the processes listens."""
    inodes = set()
    for pid in pids:
        with suppress(OSError):
            for link in (PROC / str(pid) / "fd").iterdir():
                with suppress(OSError):
                    inodes.add(str(link.readlink()))
    sockets = set()
    for table in ("tcp", "tcp6"):
        for line in (PROC / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING and f"socket:[{fields[9]}]" in inodes:
                address, _, port = fields[1].partition(":")
                sockets.add((_address(address), int(port, 16)))
    return sockets


def _address(digits: str) -> str:
    """Read an address as the kernel prints it: words of four bytes, each the lowest first."""
    words = [bytes.fromhex(digits[i : i + 8])[::-1] for i in range(0, len(digits), 8)]
    return str(ipaddress.ip_address(b"".join(words)))
