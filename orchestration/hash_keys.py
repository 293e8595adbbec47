"""The keys of hashes: of personal fields, by setting or home, and of identities, by warehouse."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING

from raw_loaders.errors import SettingsError
from raw_loaders.redaction import HashKeys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orchestration.database import Database
    from orchestration.settings import Settings

KEY_BYTES = 32
KEY_ID_DIGITS = 8


def find_hash_keys(settings: Settings, database: Database, say: Callable[[str], None]) -> HashKeys:
    """Give the key of CASEBOOK_HASH_KEY, and the warehouse's own key of identities.

    With the embedded server and no setting, a key is made and kept in the home.

    Raises `SettingsError` when a database of one's own has no key: hashes under a key that
    gets lost match nothing later.
    """
    key = find_privacy_key(settings, say)
    return HashKeys(
        key=key,
        key_id=hmac.new(key, b"key id", hashlib.sha256).hexdigest()[:KEY_ID_DIGITS],
        identity_key=_read_identity_key(database),
    )


def find_privacy_key(settings: Settings, say: Callable[[str], None]) -> bytes:
    """Give the key of personal fields, which may be rotated; see `find_hash_keys`."""
    if settings.hash_key is not None:
        return settings.hash_key.encode()
    if not settings.is_embedded:
        raise SettingsError(
            "CASEBOOK_HASH_KEY is not set: give a long random text and keep it as long as the "
            "warehouse; customer, order and tracking numbers are hashed under it."
        )
    path = settings.home / "hash.key"
    if not path.exists():
        _create(path)
        say(f"Personal fields are hashed under a new key, kept in {path}.")
    return path.read_bytes()


def _read_identity_key(database: Database) -> bytes:
    """Give the key a migration made: the same whatever becomes of settings and homes."""
    with database.connect() as connection:
        row = connection.execute("select identity_key from staging.identity_keys").fetchone()
    if row is None:
        raise SettingsError(
            "The warehouse has lost its identity key (staging.identity_keys is empty): restore "
            "that table from a backup, or records without an id would land twice."
        )
    return bytes(row[0])


def _create(path: Path) -> None:
    """Write a new key whole or not at all; whoever comes second keeps the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_hex(KEY_BYTES))
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
