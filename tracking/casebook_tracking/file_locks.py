"""Locks that die with their process, so that the living are told from the dead.

`flock` belongs to the open file: it is released when the process is gone, however it
went. A forked child shares it, and gives its copy back by closing it.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


# Events carry customer ids in clear: for the owner and a group that loads them.
FILE_MODE = 0o640


def open_locked(path: Path, flags: int) -> int | None:
    """Open a file and take its lock; None when another process has it, or took the file away.

    Raises OSError, and FileNotFoundError when there is none to open.
    """
    descriptor = os.open(path, flags, FILE_MODE)
    is_ours = False
    try:
        is_ours = _try_lock(descriptor) and _is_still(descriptor, path)
    finally:
        if not is_ours:
            os.close(descriptor)
    return descriptor if is_ours else None


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(descriptor: int, path: Path) -> bool:
    """Whether `path` still names the open file: it may have been sealed or removed."""
    try:
        named = path.stat()
    except FileNotFoundError:
        return False
    opened = os.fstat(descriptor)
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)


class Slot:
    """The place of this process among those that share a spool and a source.

    Slot 0 emits as the source itself, slot n as `<source>/w<n>`: as many producers as
    there are processes at a time, and the same names after every restart.
    """

    def __init__(self, number: int, descriptor: int) -> None:
        self.number = number
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the slot back (in a forked child: only this process's copy of it)."""
        os.close(self._descriptor)


# More processes of one source on one machine than this share a name by their pid.
MAX_SLOTS = 4096


def take_slot(directory: Path, name: str) -> Slot | None:
    """Take the first free slot of `name`; None when there is none.

    Raises OSError when the directory cannot be written.
    """
    for number in range(MAX_SLOTS):
        path = directory / f".{name}.{number}.slot"
        descriptor = open_locked(path, os.O_RDWR | os.O_CREAT)
        if descriptor is not None:
            return Slot(number, descriptor)
    return None
