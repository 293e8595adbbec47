"""CPU seconds of a Postgres server, all its processes together. Linux only."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def read_server_cpu_seconds(postmaster: int) -> float:
    """Give the CPU seconds of the postmaster, its living children and those that ended."""
    own = _times(postmaster)
    ticks = sum(own) if own else 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _parent(int(entry.name)) == postmaster:
            living = _times(int(entry.name))
            ticks += sum(living[:2]) if living else 0
    return ticks / _TICKS


def _fields(process: int) -> list[str]:
    try:
        # The name, in parentheses, may contain blanks.
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _parent(process: int) -> int | None:
    fields = _fields(process)
    return int(fields[1]) if fields else None


def _times(process: int) -> list[int]:
    """User, system, and the same of children that ended; in ticks."""
    return [int(field) for field in _fields(process)[11:15]]
