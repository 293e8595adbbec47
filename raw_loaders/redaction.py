"""What happens to personal and free text before anything is stored.

`hash` is HMAC-SHA256 under the rotating key, in hex, over the field's name and its text, so
that equal values of one field match and values of different fields do not. Only texts are
hashed: a number in such a field breaks its type. While a previous key is known, a hashed
field is stored under both, `<hash>:<previous hash>`, so that it matches either.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from raw_loaders.catalogue import Field

# Hashes remembered, to not compute a customer's again for each of its sessions.
MAX_REMEMBERED = 10_000
# Hex digits of an error's fingerprint: 64 bits, enough to tell texts of errors apart.
FINGERPRINT_DIGITS = 16
SHA256_BLOCK_BYTES = 64

Value = str | int | float | bool


@dataclass(frozen=True, kw_only=True)
class HashKeys:
    """`key` may rotate, `key_id` names it and the previous one; `identity_key` never changes."""

    key: bytes
    key_id: str
    identity_key: bytes
    previous_key: bytes | None = None


# In this order: most names contain those of the browsers they descend from.
_FAMILIES = (
    ("bot", re.compile(r"bot\b|crawl|spider|slurp", re.IGNORECASE)),
    ("WhatsApp", re.compile(r"whatsapp", re.IGNORECASE)),
    ("WeChat", re.compile(r"micromessenger|wechat", re.IGNORECASE)),
    ("Facebook", re.compile(r"fban|fbav|messenger|facebook", re.IGNORECASE)),
    ("Instagram", re.compile(r"instagram", re.IGNORECASE)),
    ("Telegram", re.compile(r"telegram", re.IGNORECASE)),
    ("LINE", re.compile(r"\bline/", re.IGNORECASE)),
    ("Edge", re.compile(r"\bedg(e|a|ios)?/", re.IGNORECASE)),
    ("Opera", re.compile(r"\bopr/|opera", re.IGNORECASE)),
    ("Samsung Internet", re.compile(r"samsungbrowser", re.IGNORECASE)),
    ("Firefox", re.compile(r"firefox|fxios", re.IGNORECASE)),
    ("Chrome", re.compile(r"chrome|crios|chromium", re.IGNORECASE)),
    ("Safari", re.compile(r"safari|iphone|ipad|macintosh", re.IGNORECASE)),
    ("Android", re.compile(r"android|okhttp", re.IGNORECASE)),
)

_HEX = re.compile(r"\b(?:0x)?[0-9a-f]{8}[0-9a-f-]*\b", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")


@lru_cache(maxsize=4096)
def user_agent_family(text: str) -> str:
    """One of some fifteen families; `other` for what none of them knows."""
    for family, pattern in _FAMILIES:
        if pattern.search(text):
            return family
    return "other"


def normalise_error(text: str) -> str:
    """Return the text of an error without what differs between its occurrences."""
    return _DIGITS.sub("<n>", _HEX.sub("<hex>", text)).strip().casefold()


class _KeyedHash:
    """HMAC-SHA256 under one key, by its definition (RFC 2104): hmac's objects take half more."""

    def __init__(self, key: bytes) -> None:
        short = key if len(key) <= SHA256_BLOCK_BYTES else hashlib.sha256(key).digest()
        padded = short.ljust(SHA256_BLOCK_BYTES, b"\0")
        self._inner = bytes(byte ^ 0x36 for byte in padded)
        self._outer = bytes(byte ^ 0x5C for byte in padded)

    def hash(self, name: str, text: str) -> str:
        """Hash a field's name and its text, in hex."""
        inner = hashlib.sha256(self._inner + f"{name}\0{text}".encode()).digest()
        return hashlib.sha256(self._outer + inner).hexdigest()


class Redactor:
    """Applies the catalogue's privacy classes with one set of keys."""

    def __init__(self, keys: HashKeys) -> None:
        known = (keys.key,) if keys.previous_key is None else (keys.key, keys.previous_key)
        self._hashes = tuple(map(_KeyedHash, known))
        self._identity_key = keys.identity_key
        self._remembered: dict[tuple[str, str], str] = {}

    def hash(self, name: str, text: str) -> str:
        """Hash a field's text under the rotating key, in hex."""
        return self._hashes[0].hash(name, text)

    def hash_field(self, name: str, text: str) -> str:
        """Give what is stored of a hashed field: under the key, and under the previous one."""
        known = self._remembered.get((name, text))
        if known is None:
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            known = ":".join(self.hashes(name, text))
            self._remembered[name, text] = known
        return known

    def hashes(self, name: str, text: str) -> list[str]:
        """Hash a field's text under each key that is known, today's first."""
        return [keyed.hash(name, text) for keyed in self._hashes]

    def identify(self, name: str, text: str) -> str:
        """Hash a field's text that is part of an identity: under the key that never changes."""
        message = f"{name}\0{text}".encode()
        return hmac.digest(self._identity_key, b"field\0" + message, hashlib.sha256).hex()[:32]

    def fingerprint(self, text: str) -> str:
        """Equal for errors that differ only in digits and long hex; not readable."""
        normal = normalise_error(text).encode()
        digest = hmac.digest(self._identity_key, b"error\0" + normal, hashlib.sha256)
        return digest.hex()[:FINGERPRINT_DIGITS]

    def redact_in_place(self, fields: Iterable[Field], data: object) -> None:
        """Replace the texts of hashed and reduced fields of a Struct by what may be stored."""
        for field in fields:
            text = getattr(data, field.name)
            if text is not None:
                stored = (
                    self.hash_field(field.name, text)
                    if field.privacy == "hash"
                    else user_agent_family(text)
                )
                setattr(data, field.name, stored)

    def redact(
        self, fields: tuple[Field, ...], values: Mapping[str, Value | None]
    ) -> dict[str, Value]:
        """Return what may be stored of a valid event's fields, in the catalogue's order."""
        stored: dict[str, Value] = {}
        for field in fields:
            value = values.get(field.name)
            if value is None or field.is_entity_key:
                continue
            if field.privacy == "keep":
                stored[field.name] = value
                continue
            text = str(value)
            if field.privacy == "hash":
                stored[field.name] = self.hash_field(field.name, text)
            elif field.privacy == "length":
                stored[f"{field.name}_length"] = len(text)
            if field.reduce == "user_agent_family":
                stored[field.name] = user_agent_family(text)
            elif field.reduce == "error_fingerprint":
                stored["error_fingerprint"] = self.fingerprint(text)
        return stored
