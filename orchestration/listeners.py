"""Who hears how the work goes: the command line, or nobody."""

from __future__ import annotations

from typing import Protocol


class Listener(Protocol):
    """Hears of work in progress; must return at once."""

    def say(self, sentence: str) -> None:
        """Hear a sentence worth a line."""

    def step(self, work: str, what: str, done: int, total: int) -> None:
        """Hear that `work` is at `done` of `total` (0: unknown), just now at `what`."""


class Silence:
    """Nobody listens: the run's event log tells it."""

    def say(self, sentence: str) -> None:
        """Ignore it."""

    def step(self, work: str, what: str, done: int, total: int) -> None:
        """Ignore it."""
