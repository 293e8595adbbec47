"""How the command line shows work in progress: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestration.listeners import Listener


@contextmanager
def listen() -> Iterator[Listener]:
    """Show on stderr what the block's work tells the listener."""
    console = _Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(console)
        return
    with Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[what]}"),
        console=console,
        transient=True,
    ) as progress:
        yield _Bars(progress)


class _Console(Console):
    """What nobody reads any more, as behind `2>&1 | head`, is not printed; the work goes on.

    Rich would end the thread that prints: dbt's, for which the build then waited for ever.
    """

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


class _Lines:
    """A line when a work begins; no more, as nobody watches."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun: set[str] = set()

    def say(self, sentence: str) -> None:
        self._console.print(sentence, markup=False, highlight=False, soft_wrap=True)

    def step(self, work: str, what: str, done: int, total: int) -> None:
        if work not in self._begun:
            self._begun.add(work)
            self.say(f"{work} …")


class _Bars:
    """A bar for each work."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def say(self, sentence: str) -> None:
        self._progress.console.print(sentence, markup=False, highlight=False)

    def step(self, work: str, what: str, done: int, total: int) -> None:
        if work not in self._tasks:
            self._tasks[work] = self._progress.add_task(work, total=None, what="")
        self._progress.update(self._tasks[work], completed=done, total=total or None, what=what)
