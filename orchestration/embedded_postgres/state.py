"""What a home remembers about its server: where the cluster lives, its port and password."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from raw_loaders.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class ServerState:
    """The contents of `<home>/postgres/server.json`, readable by its owner only.

    `place` holds the cluster (`data`) and the server's log; it is `<home>/postgres` unless
    the server's account cannot reach that.
    """

    place: str
    port: int
    password: str

    @property
    def data(self) -> Path:
        """The cluster's data directory."""
        return Path(self.place) / "data"

    @property
    def log(self) -> Path:
        """What the server wrote since it was started."""
        return Path(self.place) / "server.log"

    def __repr__(self) -> str:
        return f"ServerState(place={self.place!r}, port={self.port})"


def new_password() -> str:
    """Draw a password that needs no quoting in a URL; 192 bits."""
    return secrets.token_urlsafe(24)


def read_state(path: Path) -> ServerState | None:
    """Read the remembered state; None before the first start.

    Raises `SettingsError` when it is another user's or damaged.
    """
    try:
        return ServerState(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise SettingsError(
            f"{path} belongs to another user of this machine: run Casebook as that user or set "
            "CASEBOOK_HOME to a directory of your own."
        ) from error
    except (ValueError, TypeError) as error:
        raise SettingsError(
            f"{path} is damaged: restore it from a backup, or move {path.parent} away to start "
            "with an empty database."
        ) from error


def write_state(path: Path, state: ServerState) -> None:
    """Replace the remembered state at once; a kill leaves the old one or the new one."""
    # mkstemp gives mode 0600.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(state), file)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the file lock at `path`, waiting for it; yields its descriptor."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
