"""The operating system's user that owns the cluster; Postgres refuses to run as root."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from raw_loaders.errors import SettingsError

# initdb looks its user up in the password file, so a bare number would not do.
CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Who runs the server's programs. `is_other` when this process has to change to them."""

    uid: int
    gid: int
    is_other: bool

    def own(self, path: Path) -> None:
        """Hand `path` over to the account."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, directory: Path) -> bool:
        """Whether the account may pass through `directory` and all its parents."""
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)]) == 0

    def run(
        self,
        command: list[str],
        output: IO[bytes] | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> int:
        """Run `command` to its end as the account and return its exit code.

        The output goes to a file, never to a pipe: a server that inherited a pipe would keep
        the reader waiting for ever. The environment is emptied of PG* variables.
        """
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output or subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            user=self.uid if self.is_other else None,
            group=self.gid if self.is_other else None,
            extra_groups=[] if self.is_other else None,
            pass_fds=pass_fds,
            check=False,
        ).returncode


def cluster_account(data: Path) -> Account:
    """Give the owner of the cluster at `data`, or who should own one that is not there yet."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_other=False)
    if data.exists():
        owner = data.stat()
        return Account(owner.st_uid, owner.st_gid, is_other=True)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, is_other=True)
    raise SettingsError(
        "Postgres does not run as root and this system has no user named "
        f"{' or '.join(CANDIDATES)}: run Casebook as an ordinary user or set CASEBOOK_DATABASE_URL."
    )
