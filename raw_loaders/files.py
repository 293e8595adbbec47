"""Files below a directory, as objects to land."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from raw_loaders.errors import ObjectError
from raw_loaders.stored_objects import StoredObject, name_unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator


class LocalFile(StoredObject):
    """A regular file; `name` is its path below the landing directory."""

    def __init__(self, name: str, path: Path, status: os.stat_result) -> None:
        signature = f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"
        super().__init__(name, status.st_size, signature, status.st_mtime)
        self._path = path

    def _open(self) -> BinaryIO:
        # Neither follow a link put there meanwhile nor wait for the writer of a pipe.
        number = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        if not stat.S_ISREG(os.fstat(number).st_mode):
            os.close(number)
            raise ObjectError(f"{self.name} is no regular file.")
        return os.fdopen(number, "rb")


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
        errors: list[OSError] = []
        paths = sorted(_walk(self._folder, errors))
        # What cannot be looked into is named, and the rest lands.
        for error in errors:
            yield name_unreadable(_show(os.fspath(error.filename)), error)
        for path in paths:
            name = path.relative_to(self._root).as_posix()
            if name != _show(name):
                yield ObjectError(f"{_show(name)} has a name that is no UTF-8: rename it.")
                continue
            try:
                real = path.resolve(strict=True)
                status = real.stat()
            except RuntimeError:
                yield ObjectError(f"{name} is a link that goes in circles: remove it.")
                continue
            except OSError as error:
                yield name_unreadable(name, error)
                continue
            if not real.is_relative_to(within):
                yield ObjectError(f"{name} is a link that leaves the landing directory.")
            elif stat.S_ISREG(status.st_mode):
                yield LocalFile(name, real, status)
            elif not stat.S_ISDIR(status.st_mode):
                yield ObjectError(f"{name} is no regular file.")


def _show(name: str) -> str:
    """Escape the bytes of a name that are no UTF-8."""
    return name.encode(errors="backslashreplace").decode()


def _walk(folder: Path, errors: list[OSError]) -> Iterator[Path]:
    """Yield files and links below a folder, if there is one; keep the errors of folders."""
    try:
        folder.stat()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        # What is at fault is the first folder on the way that may not be passed.
        error.filename = next(
            (
                parent
                for parent in reversed(folder.parents)
                if not os.access(parent, os.X_OK, effective_ids=True)
            ),
            folder,
        )
        errors.append(error)
        return
    for parent, folders, names in os.walk(folder, onerror=errors.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in (*names, *links):
            if not name.startswith("."):
                yield Path(parent, name)
