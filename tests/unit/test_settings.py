"""A wrong setting is one sentence that names it, and holds no password."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.settings import load_settings
from raw_loaders.errors import SettingsError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LANDING", "no-such-directory"),
        ("LANDING", "file"),
        ("LANDING", "s3://"),
        ("LANDING", "ftp://host/events"),
        ("DATABASE_URL", "mysql://u:secret@h/d"),
        ("REDIS_URL", "http://:secret@h"),
        ("AI_ADMIN_URL", "secret"),
        ("ALERT_URL", "secret"),
        ("TIMEZONE", "Mars/Olympus"),
        ("ASSUMPTIONS", "file"),
        ("AS_OF", "yesterday"),
        ("AS_OF", "2025-12-31T16:00:00"),
        ("SETTLE_SECONDS", "-1"),
        ("SETTLE_SECONDS", "nan"),
        ("LANDNIG", "events"),
    ],
)
def test_wrong_setting_is_a_sentence_that_names_it(name: str, value: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError) as raised:
        load_settings({f"CASEBOOK_{name}": value}, tmp_path)
    sentence = str(raised.value)
    assert f"CASEBOOK_{name}" in sentence
    assert "secret" not in sentence


def test_landing_is_a_directory_or_a_bucket(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()

    def landing(**values: str) -> str:
        return load_settings({"CASEBOOK_HOME": "home", **values}, tmp_path).landing

    assert landing(CASEBOOK_LANDING="events") == str(tmp_path / "events")
    assert landing(CASEBOOK_LANDING="s3://bucket/a/") == "s3://bucket/a"
    assert landing() == str(tmp_path / "home" / "landing"), "made when something is put there"
