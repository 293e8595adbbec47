"""What of one parameter's value may enter the warehouse, by its privacy class. Pure."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Protocol

from raw_loaders.coze_studio.urls import reduce_url

if TYPE_CHECKING:
    from raw_loaders.coze_studio.privacy_rules import StudioPrivacy

# Longer texts are no identifiers or vocabulary, whatever the parameter's class.
MAX_KEPT_CHARACTERS = 256
MAX_ARRAY_ITEMS = 100
# Exactly represented by a double, as JavaScript sends numbers.
MAX_NUMBER = 2**53
# NUL and lone surrogates are not text to Postgres.
_POISON = re.compile("[\x00\ud800-\udfff]")

Stored = dict[str, object]


class TextHasher(Protocol):
    """The part of `redaction.Redactor` that is needed here."""

    def hash(self, name: str, text: str) -> str:
        """Hash a field's text under the rotating key, in hex."""
        ...


def redact_value(name: str, value: object, privacy: StudioPrivacy, hasher: TextHasher) -> Stored:
    """Give what may be stored: under `name`, or under `<name>_length` or `<name>_count`.

    Objects, and arrays of classes that keep lengths only, leave their number of entries.
    """
    if isinstance(value, dict):
        return {f"{name}_count": len(value)}
    if isinstance(value, list):
        return _redact_array(name, value, privacy, hasher)
    if isinstance(value, bool) or (privacy == "keep" and is_storable_number(value)):
        return {name: value}
    return _redact_text(name, str(value), privacy, hasher)


def _redact_text(name: str, text: str, privacy: StudioPrivacy, hasher: TextHasher) -> Stored:
    length: Stored = {f"{name}_length": len(text)}
    match privacy:
        case "keep":
            return {name: text} if is_storable_text(text) else length
        case "hash":
            return {name: hasher.hash(name, without_poison(text))}
        case "term":
            folded = " ".join(without_poison(text).casefold().split())
            return {name: hasher.hash(name, folded), **length}
        case "url":
            return {name: reduce_url(without_poison(text))}
        case "length":
            return length


def _redact_array(
    name: str, values: list[object], privacy: StudioPrivacy, hasher: TextHasher
) -> Stored:
    if privacy in ("length", "term"):
        return {f"{name}_count": len(values)}
    items = [
        redact_value(name, value, privacy, hasher).get(name) for value in values[:MAX_ARRAY_ITEMS]
    ]
    return {name: [item for item in items if isinstance(item, str | int | float)]}


def is_storable_number(value: object) -> bool:
    """Whether it is a finite number that a double holds exactly; true and false are none."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and abs(value) <= MAX_NUMBER
    )


def is_storable_text(text: str) -> bool:
    """Whether a text of class `keep` may be stored as it is."""
    return len(text) <= MAX_KEPT_CHARACTERS and not _POISON.search(text)


def without_poison(text: str) -> str:
    """Replace what is not text to Postgres."""
    return _POISON.sub("\ufffd", text)


def clean_text(raw: object, max_characters: int = MAX_KEPT_CHARACTERS) -> str | None:
    """Give a text that may be stored as it is and is not empty, else None."""
    if not isinstance(raw, str) or not raw or len(raw) > max_characters or _POISON.search(raw):
        return None
    return raw
