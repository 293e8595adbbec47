"""Files below a directory, as objects to land."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from raw_loaders.compression import is_compressed, open_decompressed
from raw_loaders.errors import ObjectError
from raw_loaders.lines import read_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from raw_loaders.lines import Block, LongLine, Tail

# Names of files that a writer has not finished.
UNFINISHED_SUFFIXES = (".tmp", ".part", ".partial", ".open")
HASH_BYTES = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a file holds, of stored bytes; `prefix_sha256` of as many as were asked for."""

    sha256: str
    bytes: int
    prefix_sha256: str | None


class LocalFile:
    """A regular file below the landing directory; `name` is its path from there."""

    def __init__(self, name: str, path: Path, status: os.stat_result) -> None:
        self.name = name
        self.bytes = status.st_size
        self._path = path
        self._modified = status.st_mtime

    @property
    def age_seconds(self) -> float:
        """Time since the last byte was written, by this machine's clock."""
        return time.time() - self._modified

    @property
    def is_unfinished(self) -> bool:
        """Whether its name says that its writer is not done."""
        return self.name.endswith(UNFINISHED_SUFFIXES)

    def identify(self, prefix_bytes: int | None) -> Content:
        """Hash the stored bytes, and check that compressed ones can be read to their end.

        Raises `ObjectError` when they cannot.
        """
        with self._open() as stored:
            digest, prefix, size = hashlib.sha256(), None, 0
            while size < self.bytes:
                wanted = min(HASH_BYTES, self.bytes - size)
                if prefix_bytes is not None and size < prefix_bytes:
                    wanted = min(wanted, prefix_bytes - size)
                data = stored.read(wanted)
                if not data:
                    break
                digest.update(data)
                size += len(data)
                if size == prefix_bytes:
                    prefix = digest.hexdigest()
            if is_compressed(self.name):
                stored.seek(0)
                content = open_decompressed(stored, self.name)
                while content.read(HASH_BYTES):
                    pass
        return Content(sha256=digest.hexdigest(), bytes=size, prefix_sha256=prefix)

    def read(self, offset: int) -> Iterator[Block | LongLine | Tail]:
        """Lines from an offset of the decompressed content on.

        Raises `ObjectError` when it ends before.
        """
        with self._open() as stored:
            limited = _Limited(stored, self.bytes)
            if not is_compressed(self.name):
                stored.seek(offset)
                limited.remaining -= offset
                yield from read_lines(limited, offset)
                return
            content = open_decompressed(limited, self.name)
            skipped = 0
            while skipped < offset:
                data = content.read(min(HASH_BYTES, offset - skipped))
                if not data:
                    raise ObjectError(f"{self.name} ends before the byte landed last.")
                skipped += len(data)
            yield from read_lines(content, offset)

    def _open(self) -> BinaryIO:
        try:
            # Neither follow a link put there meanwhile nor wait for the writer of a pipe.
            number = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        except OSError as error:
            raise ObjectError(f"{self.name} cannot be read: {error.strerror}.") from error
        if not stat.S_ISREG(os.fstat(number).st_mode):
            os.close(number)
            raise ObjectError(f"{self.name} is no regular file.")
        return os.fdopen(number, "rb", buffering=0)


class _Limited:
    """The first bytes of a file that may be growing."""

    def __init__(self, stored: BinaryIO, remaining: int) -> None:
        self._stored = stored
        self.remaining = remaining

    def read(self, size: int, /) -> bytes:
        data = self._stored.read(max(0, min(size, self.remaining)))
        self.remaining -= len(data)
        return data


def list_files(root: Path, source: str) -> Iterator[LocalFile | ObjectError]:
    """Files below `root`/`source` in order of their paths, and what cannot be landed there.

    Hidden files are not looked at. Nothing outside of `root` is read, whatever links say.
    Raises `ObjectError` when the directory itself cannot be read.
    """
    folder = root / source
    if not folder.exists():
        return
    within = root.resolve()
    try:
        paths = sorted(_walk(folder))
    except OSError as error:
        raise ObjectError(f"{error.filename} cannot be read: {error.strerror}.") from error
    for path in paths:
        name = path.relative_to(root).as_posix()
        try:
            real = path.resolve(strict=True)
            status = real.stat()
        except OSError as error:
            yield ObjectError(f"{name} cannot be read: {error.strerror}.")
            continue
        if not real.is_relative_to(within):
            yield ObjectError(f"{name} is a link that leaves the landing directory.")
        elif stat.S_ISREG(status.st_mode):
            yield LocalFile(name, real, status)
        elif not stat.S_ISDIR(status.st_mode):
            yield ObjectError(f"{name} is no regular file.")


def _walk(folder: Path) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise error

    for parent, folders, names in os.walk(folder, onerror=fail):
        hidden = [name for name in folders if name.startswith(".")]
        folders[:] = [name for name in folders if name not in hidden]
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in (*names, *links):
            if not name.startswith("."):
                yield Path(parent, name)
