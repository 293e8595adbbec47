"""Reading of stored bytes, wherever they lie: hash, check, decompress, cut into lines."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING

from raw_loaders.carriers import Content
from raw_loaders.compression import is_compressed, open_decompressed
from raw_loaders.errors import ObjectError
from raw_loaders.fingerprints import Fingerprint
from raw_loaders.lines import read_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from contextlib import AbstractContextManager

    from raw_loaders.fingerprints import Stored
    from raw_loaders.lines import Block, LongLine, Readable, Tail

# Names of files that a writer has not finished.
UNFINISHED_SUFFIXES = (".tmp", ".part", ".partial", ".open")
# Bytes read at once where they are not cut into lines.
READ_BYTES = 2**20


class StoredObject(ABC):
    """A `Delivery` that lies somewhere and stays there; `modified` is in seconds since 1970."""

    lands_at_once = False

    def __init__(self, name: str, size: int, signature: str, modified: float) -> None:
        self.name = name
        self.bytes = size
        self.signature = signature
        self._modified = modified
        self._fingerprint: Fingerprint | None = None

    @property
    def age_seconds(self) -> float:
        """See `Delivery`; by this machine's clock."""
        if self.name.endswith(UNFINISHED_SUFFIXES):
            return -1.0
        return max(0.0, time.time() - self._modified)

    def identify(self, prefix_sizes: Collection[int]) -> Content:
        """See `Delivery`."""
        with self._opened() as stored:
            found = Fingerprint(stored, self.bytes, prefix_sizes)
            self._fingerprint = found
            if is_compressed(self.name):
                content = open_decompressed(found.read_again(stored, self.name, 0), self.name)
                while content.read(READ_BYTES):
                    pass
        return Content(sha256=found.sha256, bytes=found.bytes, prefixes=found.prefixes)

    def read(
        self, offset: int, max_line_bytes: int | None = None
    ) -> Iterator[Block | LongLine | Tail]:
        """See `Delivery`; what was never identified is read as it is."""
        with self._opened() as stored:
            if is_compressed(self.name):
                content = open_decompressed(self._read_from(stored, 0), self.name)
                self._skip(content, offset)
            else:
                content = self._read_from(stored, offset)
            yield from read_lines(content, offset, max_line_bytes)

    def acknowledge(self) -> None:
        """Leave it where it is, for the place may be read-only; it is not read again."""
        self._fingerprint = None

    def _read_from(self, stored: Stored, offset: int) -> Readable:
        if self._fingerprint is not None:
            return self._fingerprint.read_again(stored, self.name, offset)
        stored.seek(offset)
        return First(stored, self.bytes - offset)

    def _skip(self, content: Readable, size: int) -> None:
        while size:
            data = content.read(min(READ_BYTES, size))
            if not data:
                raise ObjectError(
                    f"{self.name} ends before the byte that was read last: deliver it again whole."
                )
            size -= len(data)

    @contextmanager
    def _opened(self) -> Iterator[Stored]:
        try:
            with self._open() as stored:
                yield stored
        except OSError as error:
            raise name_unreadable(self.name, error) from error

    @abstractmethod
    def _open(self) -> AbstractContextManager[Stored]:
        """Open it; here and later, what cannot be read is an `OSError`."""


def name_unreadable(name: str, error: OSError) -> ObjectError:
    """Return the error of what this user or machine cannot read."""
    advice = (
        "give this user the right to read it"
        if isinstance(error, PermissionError)
        else "look after its place, then load again"
    )
    return ObjectError(f"{name} cannot be read: {error.strerror or error}; {advice}.")


class First:
    """The first bytes of what may be growing."""

    def __init__(self, stored: Stored, size: int) -> None:
        self._stored = stored
        self._remaining = size

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        data = self._stored.read(max(0, min(size, self._remaining)))
        self._remaining -= len(data)
        return data
