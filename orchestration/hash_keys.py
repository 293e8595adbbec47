"""The keys of hashes: of personal fields, by setting or home, and of identities, by warehouse."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from orchestration.private_files import read_or_create
from raw_loaders.errors import SettingsError
from raw_loaders.redaction import HashKeys

if TYPE_CHECKING:
    from collections.abc import Callable

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
    text = settings.hash_key_previous
    previous = None if text is None else text.encode()
    return HashKeys(
        key=key,
        # In a window of rotation of both: such a hash is compared with no other window's.
        key_id="+".join(_name_key(one) for one in (key, previous) if one is not None),
        identity_key=_read_identity_key(database),
        previous_key=previous,
    )


def _name_key(key: bytes) -> str:
    return hmac.new(key, b"key id", hashlib.sha256).hexdigest()[:KEY_ID_DIGITS]


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
    is_new = not path.exists()
    key = read_or_create(path, lambda: secrets.token_hex(KEY_BYTES))
    if is_new:
        say(f"Personal fields are hashed under a new key, kept in {path}.")
    return key


def _read_identity_key(database: Database) -> bytes:
    """Give the key a migration made: the same whatever becomes of settings and homes."""
    with database.connect(role="loader") as connection:
        row = connection.execute("select identity_key from staging.identity_keys").fetchone()
    if row is None:
        raise SettingsError(
            "The warehouse has lost its identity key (staging.identity_keys is empty): restore "
            "that table from a backup, or records without an id would land twice."
        )
    return bytes(row[0])
