"""Whether a cluster's server runs: its pid file checked against the process."""

from __future__ import annotations

import subprocess
from pathlib import Path


def running_postmaster(data: Path) -> int | None:
    """Give the process id of the server of the cluster at `data`; None when it does not run.

    A pid file outlives a killed server, and the number may belong to another process since,
    so the process must have been started for this cluster.
    """
    pid = _remembered_pid(data)
    if pid is None or str(data) not in _arguments(pid):
        return None
    return pid


def forget_stale_pid(data: Path) -> None:
    """Remove the pid file of a server that is gone.

    Postgres does so itself unless the number is in use again. A server that did run would
    still be found by its shared memory. Call only when `running_postmaster` gave None.
    """
    (data / "postmaster.pid").unlink(missing_ok=True)


def _remembered_pid(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().partition("\n")[0])
    except (FileNotFoundError, ValueError):
        return None


def _arguments(pid: int) -> list[str]:
    """Give the process's arguments; empty when it is gone or a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
        except (FileNotFoundError, ProcessLookupError):
            return []
    listing = subprocess.run(
        ["/bin/ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    # Paths with spaces are cut apart here; pg_ctl passes the directory as the second argument.
    line = listing.stdout.strip()
    program, _, rest = line.partition(" -D ")
    return [program, *rest.split(" -p ")] if rest else []
