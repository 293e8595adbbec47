"""What stored bytes were when they were hashed, so that only the same bytes are landed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

from raw_loaders.errors import ObjectError

if TYPE_CHECKING:
    from collections.abc import Collection

    from raw_loaders.lines import Readable

# Bytes hashed and compared at once.
BLOCK_BYTES = 2**20


class Stored(Protocol):
    """An open file or object."""

    def read(self, size: int, /) -> bytes:
        """As many bytes, fewer only at the end."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go to an offset."""
        ...


class Fingerprint:
    """The SHA-256 of stored bytes, kept as it was after each block of them.

    Any block read again is compared before a line of it is seen: the hash of all of them would
    tell that they changed only when chunks of what nobody registered have landed, and the
    ledger would go on behind them. It costs 250 bytes for each megabyte.
    """

    def __init__(self, stored: Stored, size: int, prefix_sizes: Collection[int]) -> None:
        digest = hashlib.sha256()
        self.bytes = 0
        # Of the first bytes, for each of `prefix_sizes` that there are as many of.
        self.prefixes: dict[int, str] = {}
        wanted = sorted(prefix_sizes, reverse=True)
        self.digests = [digest.copy()]
        while data := stored.read(min(BLOCK_BYTES, size - self.bytes)):
            while wanted and wanted[-1] <= self.bytes + len(data):
                prefix = digest.copy()
                prefix.update(data[: wanted[-1] - self.bytes])
                self.prefixes[wanted.pop()] = prefix.hexdigest()
            digest.update(data)
            self.digests.append(digest.copy())
            self.bytes += len(data)
        self.sha256 = digest.hexdigest()

    def read_again(self, stored: Stored, name: str, offset: int) -> Readable:
        """Return a reader of the same bytes, from an offset on.

        What was written behind them since is not read. Reading raises `ObjectError` when they
        have changed.
        """
        return _Same(stored, name, self, offset)


class _Same:
    def __init__(self, stored: Stored, name: str, before: Fingerprint, offset: int) -> None:
        self._stored = stored
        self._name = name
        self._before = before
        self._next, skipped = divmod(offset, BLOCK_BYTES)
        self._digest = before.digests[self._next].copy()
        self._block, self._position = b"", 0
        stored.seek(offset - skipped)
        if skipped:
            self._read_block()
            self._position = skipped

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        if self._position == len(self._block) and self._next + 1 < len(self._before.digests):
            self._read_block()
        data = self._block[self._position : self._position + size]
        self._position += len(data)
        return data

    def _read_block(self) -> None:
        size = min(BLOCK_BYTES, self._before.bytes - self._next * BLOCK_BYTES)
        self._block, self._position = self._stored.read(size), 0
        self._next += 1
        self._digest.update(self._block)
        if self._digest.digest() != self._before.digests[self._next].digest():
            raise name_change(self._name)


def name_change(name: str) -> ObjectError:
    """Return the error of an object that is another than the one that was listed or hashed."""
    return ObjectError(f"{name} changed while it was read; load again when its writer is done.")
