"""Reading of stored bytes, wherever they lie: hash, check, decompress, cut into lines."""

from __future__ import annotations

import hashlib
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

from raw_loaders.carriers import Content
from raw_loaders.compression import is_compressed, open_decompressed
from raw_loaders.errors import ObjectError
from raw_loaders.lines import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from raw_loaders.lines import Block, LongLine, Tail

# Names of files that a writer has not finished.
UNFINISHED_SUFFIXES = (".tmp", ".part", ".partial", ".open")
# Bytes read at once where they are not cut into lines.
READ_BYTES = 2**20


class Stored(Protocol):
    """An open file or object."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go to an offset."""
        ...


class StoredObject(ABC):
    """A `Delivery` that lies somewhere and stays there; `modified` is in seconds since 1970."""

    lands_at_once = False

    def __init__(self, name: str, size: int, signature: str, modified: float) -> None:
        self.name = name
        self.bytes = size
        self.signature = signature
        self._modified = modified

    @property
    def age_seconds(self) -> float:
        """See `Delivery`; by this machine's clock."""
        if self.name.endswith(UNFINISHED_SUFFIXES):
            return -1.0
        return max(0.0, time.time() - self._modified)

    def identify(self, prefix_bytes: int | None) -> Content:
        """See `Delivery`."""
        with self._open() as stored:
            return identify(stored, self.name, self.bytes, prefix_bytes)

    def read(
        self, offset: int, max_line_bytes: int | None = None
    ) -> Iterator[Block | LongLine | Tail]:
        """See `Delivery`."""
        with self._open() as stored:
            yield from read_from(stored, self.name, self.bytes, offset, max_line_bytes)

    def acknowledge(self) -> None:  # noqa: B027 - there is nobody to tell
        """Leave it where it is: the place may be read-only."""

    @abstractmethod
    def _open(self) -> AbstractContextManager[Stored]:
        """Open it; what cannot be read is an `ObjectError`."""


def identify(stored: Stored, name: str, size: int, prefix_bytes: int | None) -> Content:
    """Hash the first `size` bytes, and read compressed ones to their end.

    Raises `ObjectError` when they are cut, corrupt or a bomb.
    """
    digest, prefix, done = hashlib.sha256(), None, 0
    while done < size:
        wanted = min(READ_BYTES, size - done)
        if prefix_bytes is not None and done < prefix_bytes:
            wanted = min(wanted, prefix_bytes - done)
        data = stored.read(wanted)
        if not data:
            break
        digest.update(data)
        done += len(data)
        if done == prefix_bytes:
            prefix = digest.hexdigest()
    if is_compressed(name):
        stored.seek(0)
        content = open_decompressed(First(stored, done), name)
        while content.read(READ_BYTES):
            pass
    return Content(sha256=digest.hexdigest(), bytes=done, prefix_sha256=prefix)


def read_from(
    stored: Stored, name: str, size: int, offset: int, max_line_bytes: int | None = None
) -> Iterator[Block | LongLine | Tail]:
    """Yield lines of the first `size` stored bytes, from a decompressed offset on.

    Raises `ObjectError` when the content ends before.
    """
    if not is_compressed(name):
        stored.seek(offset)
        yield from read_lines(First(stored, size - offset), offset, max_line_bytes)
        return
    content = open_decompressed(First(stored, size), name)
    skipped = 0
    while skipped < offset:
        data = content.read(min(READ_BYTES, offset - skipped))
        if not data:
            raise ObjectError(f"{name} ends before the byte that was landed last.")
        skipped += len(data)
    yield from read_lines(content, offset, max_line_bytes)


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
