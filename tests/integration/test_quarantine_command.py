"""`casebook quarantine` as a person meets it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from orchestration.database import Database
from tests.integration.conftest import Casebook
from tests.landing_parts.events import make_line


def test_rejected_lines_are_listed_shown_and_replayed(
    casebook: Casebook, warehouse: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASEBOOK_DATABASE_URL", warehouse.url)
    monkeypatch.setenv("CASEBOOK_HASH_KEY", "of the test")
    path = tmp_path / "home" / "landing" / "support" / "a.ndjson"
    path.parent.mkdir(parents=True)
    path.write_bytes(make_line(0) + b"\nnot json\n")
    os.utime(path, (time.time() - 60,) * 2)
    assert casebook("quarantine", "list").out.strip() == "The quarantine is empty."
    assert casebook("load").code == 0
    assert "malformed" in casebook("quarantine", "list").out
    shown = casebook("quarantine", "show", "1").out
    assert "support/a.ndjson line 2" in shown
    assert "not json" in shown
    said = casebook("quarantine", "replay").out
    assert said.strip() == "0 lines landed, 1 still break the rules."
    casebook("quarantine", "show", "99").assert_sentence("no line 99 in the quarantine")
