"""The spool: a directory of sealed NDJSON files, and one hidden file being written.

The file being written is `.<name>.ndjson.open` and locked; sealing renames it to
`<name>.ndjson`, so that a reader of `*.ndjson` only ever sees whole files.
"""

from __future__ import annotations

import errno
import os
import time
from typing import TYPE_CHECKING

from casebook_tracking.file_locks import is_still, try_lock

if TYPE_CHECKING:
    from pathlib import Path

OPEN_SUFFIX = ".open"
SEALED_SUFFIX = ".ndjson"
# Events carry customer ids in clear: for the owner and a group that loads them.
FILE_MODE = 0o640


class SpoolFullError(OSError):
    """The spool has reached its size cap."""

    def __init__(self, directory: Path, cap_bytes: int) -> None:
        super().__init__(
            errno.EDQUOT, f"spool reached its cap of {cap_bytes} bytes", str(directory)
        )


def spooled_bytes(directory: Path) -> int:
    """Bytes of all spool files, sealed and open, of every process."""
    total = 0
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.name.endswith((SEALED_SUFFIX, OPEN_SUFFIX)):
                try:
                    total += entry.stat(follow_symlinks=False).st_size
                except FileNotFoundError:
                    continue
    return total


class Spool:
    """Writes lines into the spool. For one thread of one process.

    A write is whole or not there: what a full disk cut is cut off again, and the file
    stays usable. Sizes in bytes, times in seconds of the monotonic clock.
    """

    def __init__(
        self, directory: Path, name: str, *, file_bytes: int, cap_bytes: int, seal_seconds: float
    ) -> None:
        self._directory = directory
        self._name = name
        self._file_bytes = file_bytes
        self._cap_bytes = cap_bytes
        self._seal_seconds = seal_seconds
        self._number = 0
        self._descriptor = -1
        self._path = directory
        self._size = 0
        self._opened_at = 0.0
        self._others_bytes = 0
        self._measured_at = float("-inf")

    def write(self, lines: bytes) -> None:
        """Append whole lines. Raises OSError, and then nothing of them is in the file."""
        self._check_cap(len(lines))
        if self._descriptor < 0:
            self._open()
        written = 0
        try:
            view = memoryview(lines)
            while written < len(lines):
                written += os.write(self._descriptor, view[written:])
        except OSError:
            self._undo(written)
            raise
        self._size += len(lines)
        if self._size >= self._file_bytes:
            self.seal()

    def seal_if_due(self) -> None:
        """Seal the open file when it is older than `seal_seconds`."""
        if self._descriptor >= 0 and time.monotonic() - self._opened_at >= self._seal_seconds:
            self.seal()

    def seal(self) -> None:
        """Make what was written visible to readers. Raises OSError when it cannot be."""
        if self._descriptor < 0:
            return
        try:
            os.fsync(self._descriptor)
        finally:
            # The name changes under the lock, so that no other process takes it for a leftover.
            sealed = sealed_path(self._path)
            try:
                self._path.rename(sealed)
            finally:
                self.abandon()

    def abandon(self) -> None:
        """Close without sealing: in a forked child, or when the file cannot be kept."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            self._others_bytes += self._size
            self._size = 0
            os.close(descriptor)

    def _open(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        while self._descriptor < 0:
            self._number += 1
            path = self._directory / f".{self._name}-{self._number:06d}{SEALED_SUFFIX}{OPEN_SUFFIX}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            descriptor = os.open(path, flags, FILE_MODE)
            # Between these two lines another process may have taken it for a leftover.
            if try_lock(descriptor) and is_still(descriptor, path):
                self._descriptor, self._path = descriptor, path
                self._opened_at = time.monotonic()
            else:
                os.close(descriptor)

    def _undo(self, written: int) -> None:
        """Cut a write that failed half way; leave the file to recovery if that fails too."""
        try:
            if written:
                os.ftruncate(self._descriptor, self._size)
        except OSError:
            self.abandon()

    def _check_cap(self, adding: int) -> None:
        """Raise `SpoolFullError` when the directory has no room; look at most once a second."""
        now = time.monotonic()
        is_tight = self._others_bytes + self._size + adding > self._cap_bytes
        if now - self._measured_at >= (1.0 if is_tight else self._seal_seconds):
            self._directory.mkdir(parents=True, exist_ok=True)
            self._others_bytes = spooled_bytes(self._directory) - self._size
            self._measured_at = now
        if self._others_bytes + self._size + adding > self._cap_bytes:
            raise SpoolFullError(self._directory, self._cap_bytes)


def sealed_path(open_path: Path) -> Path:
    """`.a.ndjson.open` → `a.ndjson`, beside it."""
    return open_path.with_name(open_path.name[1:].removesuffix(OPEN_SUFFIX))
