"""Words that occur nowhere else: secrets to plant in content, plain ones in what is kept."""

from __future__ import annotations

import re

# In ASCII letters and digits, so that JSON, SQL, logs and reprs all spell them alike.
WORD = re.compile(rb"zq7(?:secret|plain)\d{4}x", re.IGNORECASE)


class Canaries:
    """Makes words, and remembers where each was planted."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}
        self.plain: dict[str, str] = {}

    def secret(self, place: str) -> str:
        """Give a word that must be stored nowhere."""
        word = f"zq7secret{len(self.secrets):04d}x"
        self.secrets[word] = place
        return word

    def keep(self, place: str) -> str:
        """Give a word that is stored as it is."""
        word = f"zq7plain{len(self.plain):04d}x"
        self.plain[word] = place
        return word

    def leaks(self, found: dict[str, set[str]]) -> list[str]:
        """Say which secrets were found where."""
        return sorted(
            f"{self.secrets[word]} is in {place}"
            for place, words in found.items()
            for word in words & self.secrets.keys()
        )


def find_words(data: bytes) -> set[str]:
    """Give the words in some bytes, also as Postgres prints bytes: in hex."""
    found = set(WORD.findall(data))
    if HEX in data:
        found |= set(WORD.findall(_unhex(data)))
    return {word.decode().lower() for word in found}


HEX = b"zq7".hex().encode()
_DIGITS = re.compile(rb"(?:[0-9a-f]{2}){8,}")


def _unhex(data: bytes) -> bytes:
    return b" ".join(bytes.fromhex(digits.decode()) for digits in _DIGITS.findall(data))
