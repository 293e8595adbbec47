"""The key of identities belongs to the warehouse: no rotation of the other one moves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.database import Database
from orchestration.hash_keys import find_hash_keys
from raw_loaders.errors import SettingsError
from tests.conftest import settings_for


def test_identity_key_survives_a_rotation(warehouse: Database, tmp_path: Path) -> None:
    keys, rotated = (
        find_hash_keys(settings_for(tmp_path, warehouse.url, HASH_KEY=key), warehouse, pytest.fail)
        for key in ("this year's", "next year's")
    )
    assert keys.identity_key == rotated.identity_key
    assert len(keys.identity_key) == 32
    assert keys.identity_key != keys.key
    assert keys.key == b"this year's"
    assert keys.key_id != rotated.key_id


def test_a_lost_identity_key_is_named(warehouse: Database, tmp_path: Path) -> None:
    with warehouse.connect() as connection:
        connection.execute("delete from staging.identity_keys")
    with pytest.raises(SettingsError, match="identity_keys is empty"):
        find_hash_keys(settings_for(tmp_path, warehouse.url), warehouse, pytest.fail)
