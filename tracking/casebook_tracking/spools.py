"""The spool: a directory of sealed NDJSON files, and one hidden file being written.

The file being written is `.<name>.ndjson.open` and locked; sealing renames it to
`<name>.ndjson`, so that a reader of `*.ndjson` only ever sees whole files.
"""

from __future__ import annotations

import errno
import math
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from casebook_tracking.file_locks import open_locked

if TYPE_CHECKING:
    from pathlib import Path

OPEN_SUFFIX = ".open"
SEALED_SUFFIX = ".ndjson"
# Every process that shares a spool may use this part of the room it found before it looks again.
ROOM_SHARE = 16
# Looking takes the longer the more files there are; at most a fiftieth of the time.
LOOK_SECONDS = 1.0
LOOK_SHARE = 50
# A look that takes longer would keep the writer from its work, and an end from its seal.
LOOK_AT_MOST_SECONDS = 0.2


class SpoolFullError(OSError):
    """The spool has reached its size cap."""

    def __init__(self, directory: Path, cap_bytes: int) -> None:
        super().__init__(
            errno.EDQUOT, f"spool reached its cap of {cap_bytes} bytes", str(directory)
        )


class SpoolGoneError(FileNotFoundError):
    """Somebody removed the file that was being written."""

    def __init__(self, path: Path, lost_lines: int) -> None:
        super().__init__(errno.ENOENT, f"{lost_lines} lines are lost", str(path))
        self.lost_lines = lost_lines


def spooled_bytes(directory: Path, seconds: float = math.inf) -> tuple[int, bool]:
    """Bytes of all spool files, sealed and open, of every process, and whether that is all.

    After so many seconds it stops: each file is two system calls, after which every thread
    that computes may keep the interpreter for a turn (see `turns`).
    """
    total, until = 0, time.monotonic() + seconds
    with os.scandir(directory) as entries:
        for entry in entries:
            if time.monotonic() > until:
                return total, False
            if entry.name.endswith((SEALED_SUFFIX, OPEN_SUFFIX)):
                try:
                    total += entry.stat(follow_symlinks=False).st_size
                except FileNotFoundError:
                    continue
    return total, True


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
        self._lines = 0
        self._room = cap_bytes
        self._used = 0
        self._look_at = float("-inf")

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
        self._used += len(lines)
        self._lines += lines.count(b"\n")

    def seal_if_due(self) -> None:
        """Seal the file when it is large or old enough. Raises OSError, as `seal` does."""
        age = time.monotonic() - self._opened_at
        if self._size >= self._file_bytes or age >= self._seal_seconds:
            self.seal()

    def seal(self) -> None:
        """Make what was written visible to readers.

        Raises OSError when it cannot be; the file stays open, to be sealed another time.
        Raises `SpoolGoneError` when there is no such file any more.
        """
        if self._descriptor < 0:
            return
        try:
            os.fsync(self._descriptor)
        finally:
            self._rename()

    def abandon(self) -> None:
        """Close without sealing: in a forked child, or when the file cannot be kept."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            self._size = self._lines = 0
            os.close(descriptor)

    def _rename(self) -> None:
        # The name changes under the lock, so that no other process takes it for a leftover.
        try:
            self._path.rename(sealed_path(self._path))
        except FileNotFoundError as error:
            lost_lines = self._lines
            self.abandon()
            raise SpoolGoneError(self._path, lost_lines) from error
        self.abandon()

    def _open(self) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        descriptor = None
        # None: before it was locked, another process has taken it for a leftover.
        while descriptor is None:
            self._number += 1
            path = self._directory / f".{self._name}-{self._number:06d}{SEALED_SUFFIX}{OPEN_SUFFIX}"
            try:
                descriptor = open_locked(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND)
            except OSError:
                # Made, perhaps, and not to be locked: each try would leave one.
                with suppress(OSError):
                    path.unlink()
                raise
        self._descriptor, self._path = descriptor, path
        self._opened_at = time.monotonic()

    def _undo(self, written: int) -> None:
        """Cut a write that failed half way; leave the file to recovery if that fails too."""
        try:
            if written:
                os.ftruncate(self._descriptor, self._size)
        except OSError:
            self.abandon()

    def _check_cap(self, adding: int) -> None:
        """Raise `SpoolFullError` when the directory, where others write too, has no room."""
        now = time.monotonic()
        if now >= self._look_at or self._used + adding > self._room // ROOM_SHARE:
            self._directory.mkdir(parents=True, exist_ok=True)
            found, is_all = spooled_bytes(self._directory, LOOK_AT_MOST_SECONDS)
            # Of a look that was cut short what this process wrote itself is not forgotten.
            known = self._cap_bytes if is_all else self._room - self._used
            self._room, self._used = min(known, self._cap_bytes - found), 0
            took = time.monotonic() - now
            self._look_at = now + max(LOOK_SECONDS, LOOK_SHARE * took)
        if self._used + adding > self._room:
            raise SpoolFullError(self._directory, self._cap_bytes)


def sealed_path(open_path: Path) -> Path:
    """`.a.ndjson.open` → `a.ndjson`, beside it."""
    return open_path.with_name(open_path.name[1:].removesuffix(OPEN_SUFFIX))
