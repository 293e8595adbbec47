"""Files below a directory, as objects to land."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from raw_loaders.errors import ObjectError
from raw_loaders.stored_objects import UNFINISHED_SUFFIXES, identify, read_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from raw_loaders.carriers import Content
    from raw_loaders.lines import Block, LongLine, Tail


class LocalFile:
    """A regular file; `name` is its path below the landing directory."""

    def __init__(self, name: str, path: Path, status: os.stat_result) -> None:
        self.name = name
        self.bytes = status.st_size
        self.signature = (
            f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"
        )
        self._path = path
        self._modified = status.st_mtime

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

    def acknowledge(self) -> None:
        """Return a file stays where it is: the directory may be read-only."""

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


class Directory:
    """The files of one source below the landing directory, in order of their paths.

    Hidden files are not looked at. Nothing outside of the landing directory is read,
    whatever links say.
    """

    def __init__(self, root: Path, source: str) -> None:
        self._root = root
        self._folder = root / source

    def find(self) -> Iterator[LocalFile | ObjectError]:
        """See `Carrier`."""
        within = self._root.resolve()
        try:
            paths = sorted(_walk(self._folder)) if self._folder.exists() else []
        except OSError as error:
            yield ObjectError(f"{error.filename} cannot be read: {error.strerror}.")
            return
        for path in paths:
            name = path.relative_to(self._root).as_posix()
            try:
                real = path.resolve(strict=True)
                status = real.stat()
            except (OSError, RuntimeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "its links go in circles"
                yield ObjectError(f"{name} cannot be read: {reason}.")
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
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in (*names, *links):
            if not name.startswith("."):
                yield Path(parent, name)
