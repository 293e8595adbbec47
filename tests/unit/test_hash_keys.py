"""Keys of personal fields: from the setting, or made once per embedded home."""

from __future__ import annotations

import hashlib
import hmac
import stat
from pathlib import Path

import pytest

from orchestration.hash_keys import find_privacy_key
from orchestration.settings import load_settings
from raw_loaders.errors import SettingsError
from raw_loaders.redaction import HashKeys, Redactor


def test_embedded_home_makes_a_key_once_and_says_so(tmp_path: Path) -> None:
    settings = load_settings({"CASEBOOK_HOME": "home"}, tmp_path)
    said: list[str] = []
    first = find_privacy_key(settings, said.append)
    assert find_privacy_key(settings, said.append) == first
    assert len(said) == 1
    key = tmp_path / "home" / "hash.key"
    assert str(key) in said[0]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [path.name for path in key.parent.iterdir()] == ["hash.key"]


def test_two_homes_hash_differently(tmp_path: Path) -> None:
    keys = {
        find_privacy_key(load_settings({"CASEBOOK_HOME": home}, tmp_path), lambda _: None)
        for home in ("one", "two")
    }
    assert len(keys) == 2


def test_a_real_database_needs_a_key(tmp_path: Path) -> None:
    settings = load_settings({"CASEBOOK_DATABASE_URL": "postgresql://h/d"}, tmp_path)
    with pytest.raises(SettingsError, match="CASEBOOK_HASH_KEY is not set"):
        find_privacy_key(settings, pytest.fail)


def test_a_field_is_stored_under_both_keys_while_one_follows_the_other() -> None:
    old = Redactor(HashKeys(key=b"old", key_id="o", identity_key=b"i"))
    both = Redactor(HashKeys(key=b"new", key_id="n+o", identity_key=b"i", previous_key=b"old"))
    new = Redactor(HashKeys(key=b"new", key_id="n", identity_key=b"i"))
    stored = both.hash_field("customer_id", "c-1")
    assert stored.split(":") == [
        new.hash_field("customer_id", "c-1"),
        old.hash_field("customer_id", "c-1"),
    ]
    assert both.hash_field("customer_id", "c-1") == stored


@pytest.mark.parametrize("key", [b"k", b"longer than a block of sha256" * 3])
def test_a_hash_is_the_hmac_of_name_and_text(key: bytes) -> None:
    redactor = Redactor(HashKeys(key=key, key_id="k", identity_key=b"i"))
    for name, text in (("customer_id", "c-1"), ("order_number", "ü"), ("customer_id", "")):
        expected = hmac.new(key, f"{name}\0{text}".encode(), hashlib.sha256).hexdigest()
        assert redactor.hash(name, text) == expected
        assert redactor.hash_field(name, text) == expected


@pytest.mark.parametrize("key", [None, "same"])
def test_a_previous_key_needs_another_one_after_it(tmp_path: Path, key: str | None) -> None:
    environ = {"CASEBOOK_HASH_KEY_PREVIOUS": "same"}
    if key is not None:
        environ["CASEBOOK_HASH_KEY"] = key
    with pytest.raises(SettingsError, match="must be set and another one"):
        load_settings(environ, tmp_path)
