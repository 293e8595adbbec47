"""Which process works on a run, and what happens to runs whose process is gone.

Dagster's code server sees a worker of its own die at once. It does not see those of a code
server before it, nor `casebook run`: their runs name their process, and whoever looks next
closes the dead ones.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

import dagster as dg

PROCESS_TAG = "casebook/process"
# The start of a process in its line of /proc, counted from after its name.
START_FIELD = 19


def this_process() -> str:
    """Give this process as a run's tag: host, process id, and when it started, if known."""
    return f"{socket.gethostname()}:{os.getpid()}:{_start_of(os.getpid())}"


def sign_run(context: dg.OpExecutionContext) -> None:
    """Let a run name the process that works on it."""
    context.instance.add_run_tags(context.run_id, {PROCESS_TAG: this_process()})


def close_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Record as failed the runs whose process on this machine was killed; gives their ids."""
    closed = []
    for run in instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])):
        host, _, process = run.tags.get(PROCESS_TAG, "").partition(":")
        if host == socket.gethostname() and not _is_alive(process):
            instance.report_run_failed(run, "The process that ran it was killed.")
            closed.append(run.run_id)
    return closed


def _is_alive(process: str) -> bool:
    number, _, start = process.partition(":")
    with suppress(ProcessLookupError):
        with suppress(PermissionError):
            os.kill(int(number), 0)
        # Since a restart of the machine the number may be another process'.
        return _start_of(int(number)) == start
    return False


def _start_of(process: int) -> str:
    """Give when a process started, in ticks since the machine did; '' where /proc is missing."""
    with suppress(OSError):
        line = Path(f"/proc/{process}/stat").read_text()
        # The name before it may hold spaces and brackets.
        return line.rpartition(")")[2].split()[START_FIELD]
    return ""
