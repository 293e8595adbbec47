"""The keys under which personal fields are hashed: a setting, or the embedded home's own."""

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

    from orchestration.settings import Settings

KEY_BYTES = 32
KEY_ID_DIGITS = 8


def find_hash_keys(settings: Settings, say: Callable[[str], None]) -> HashKeys:
    """Give the keys of CASEBOOK_HASH_KEY; with the embedded server, make one and keep it.

    Raises `SettingsError` when a database of one's own has no key: hashes under a key that
    gets lost match nothing later.
    """
    if settings.hash_key is not None:
        return _keys_from(settings.hash_key.encode())
    if not settings.is_embedded:
        raise SettingsError(
            "CASEBOOK_HASH_KEY is not set: give a long random text and keep it as long as the "
            "warehouse; customer, order and tracking numbers are hashed under it."
        )
    path = settings.home / "hash.key"
    if not path.exists():
        _create(path)
        say(f"Personal fields are hashed under a new key, kept in {path}.")
    return _keys_from(path.read_bytes())


def _keys_from(key: bytes) -> HashKeys:
    return HashKeys(
        key=key,
        key_id=_derive(key, b"key id").hex()[:KEY_ID_DIGITS],
        identity_key=_derive(key, b"identity"),
    )


def _derive(key: bytes, purpose: bytes) -> bytes:
    return hmac.new(key, purpose, hashlib.sha256).digest()


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
