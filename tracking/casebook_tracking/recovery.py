"""Sealing what a process that is gone left open."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from casebook_tracking.file_locks import open_locked
from casebook_tracking.spools import OPEN_SUFFIX, SEALED_SUFFIX, sealed_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# A last line longer than this is no event of ours.
TAIL_BYTES = 2 << 20


def recover_leftovers(directory: Path, goes_on: Callable[[], bool] = lambda: True) -> int:
    """Seal every open file whose process is gone, while it `goes_on`; return how many.

    A file that a living process holds is locked and stays as it is. Raises OSError
    when the directory cannot be read or written.
    """
    recovered = 0
    for path in _open_files(directory, goes_on):
        try:
            descriptor = open_locked(path, os.O_RDWR)
        except FileNotFoundError:
            continue
        if descriptor is None:
            continue
        try:
            recovered += _seal_leftover(descriptor, path)
        finally:
            os.close(descriptor)
    return recovered


def _open_files(directory: Path, goes_on: Callable[[], bool]) -> Iterator[Path]:
    with suppress(FileNotFoundError), os.scandir(directory) as entries:
        for entry in entries:
            if not goes_on():
                return
            if entry.name.startswith(".") and entry.name.endswith(SEALED_SUFFIX + OPEN_SUFFIX):
                yield directory / entry.name


def _seal_leftover(descriptor: int, path: Path) -> int:
    """Seal a leftover that holds lines, remove an empty one; return how many were sealed."""
    if _end_with_newline(descriptor) == 0:
        path.unlink()
        return 0
    path.rename(sealed_path(path))
    return 1


def _end_with_newline(descriptor: int) -> int:
    """Finish a last line that is whole, cut one that is not; return the size in bytes.

    A reader waits for the rest of half a line, which never comes, and the lines before
    it would wait too. What is cut was never whole: it shows as a gap in the sequence.
    """
    size = os.fstat(descriptor).st_size
    start = max(0, size - TAIL_BYTES)
    tail = os.pread(descriptor, size - start, start)
    half_line = tail[tail.rfind(b"\n") + 1 :]
    if not half_line:
        return size
    if _is_json(half_line):
        return size + os.pwrite(descriptor, b"\n", size)
    os.ftruncate(descriptor, size - len(half_line))
    return size - len(half_line)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
