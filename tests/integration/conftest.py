"""The `casebook` command run in the test's own process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.cli import main


@dataclass(frozen=True)
class Outcome:
    """What a command left: its exit code and both streams."""

    code: int
    out: str
    err: str

    def assert_sentence(self, *parts: str) -> None:
        """Claim that it failed with one line on stderr that names `parts`."""
        assert (self.code, self.out) == (1, ""), self
        assert self.err.startswith("Error: ")
        assert self.err.count("\n") == 1
        for part in parts:
            assert part in self.err


Casebook = Callable[..., Outcome]


@pytest.fixture
def casebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Casebook:
    """Run the command in this process with settings by keyword, in a home of the test's own."""

    def run(*arguments: str, **settings: str) -> Outcome:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["casebook", *arguments])
        for name, value in {"HOME": str(tmp_path / "home"), **settings}.items():
            monkeypatch.setenv(f"CASEBOOK_{name}", value)
        code = 0
        try:
            main()
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        streams = capsys.readouterr()
        return Outcome(code, streams.out, streams.err)

    return run
