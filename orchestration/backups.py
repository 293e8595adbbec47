"""The warehouse as one file and back, by the bundled `pg_dump`, `pg_restore` and `psql`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from orchestration.embedded_postgres.programs import bundled_programs
from raw_loaders.errors import CasebookError

if TYPE_CHECKING:
    from orchestration.database import Database

# A line of `pg_restore --list`: "6; 2615 16389 SCHEMA - staging casebook".
SCHEMA = re.compile(r"^\d+; \d+ \d+ SCHEMA - (\S+) ", re.MULTILINE)


def write_dump(database: Database, file: Path) -> None:
    """Write the whole database into `file`. Raises `CasebookError` when pg_dump fails."""
    _run(database, "pg_dump", "--format=custom", f"--file={file}")


def restore_dump(database: Database, file: Path) -> None:
    """Replace each schema of the dump by what it holds, in one transaction.

    What is in them now goes as a whole, also what a later release made there. Raises
    `CasebookError`, and changes nothing, when the dump is broken or the server refuses it.
    """
    listed = _run(database, "pg_restore", "--list", str(file))
    schemas = SCHEMA.findall(listed)
    drops = "".join(f'drop schema if exists "{name}" cascade;\n' for name in schemas)
    with tempfile.TemporaryFile() as unread, tempfile.TemporaryFile() as refused:
        with (
            subprocess.Popen(
                [_program("pg_restore"), "--file=-", str(file)],
                stdout=subprocess.PIPE,
                stderr=unread,
            ) as reading,
            subprocess.Popen(
                [_program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"],
                env=_environment(database),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=refused,
            ) as writing,
        ):
            assert reading.stdout is not None  # noqa: S101 - both are pipes
            assert writing.stdin is not None  # noqa: S101
            # When psql ends early it says why.
            with suppress(BrokenPipeError):
                writing.stdin.write(b"begin;\n" + drops.encode())
                shutil.copyfileobj(reading.stdout, writing.stdin)
                # Half a dump ends without it, and the server takes all back.
                if reading.wait() == 0:
                    writing.stdin.write(b"commit;\n")
            with suppress(BrokenPipeError):
                writing.stdin.close()
        if writing.returncode != 0:
            raise _failed("psql", refused)
        if reading.returncode != 0:
            raise _failed("pg_restore", unread)


def psql_environment(database: Database) -> dict[str, str]:
    """Give the PG* variables that lead libpq's programs to `database`."""
    return {
        f"PG{'DATABASE' if name == 'dbname' else name.upper()}": value
        for name, value in database.parameters.items()
    }


def _run(database: Database, name: str, *arguments: str) -> str:
    """Run a program to its end and return what it printed."""
    with tempfile.TemporaryFile() as errors:
        done = subprocess.run(
            [_program(name), *arguments],
            env=_environment(database),
            stdout=subprocess.PIPE,
            stderr=errors,
            check=False,
        )
        if done.returncode != 0:
            raise _failed(name, errors)
    return done.stdout.decode()


def _program(name: str) -> str:
    return str(bundled_programs() / "bin" / name)


def _environment(database: Database) -> dict[str, str]:
    """By environment: a URL among the arguments would show its password to `ps`."""
    return {**os.environ, **psql_environment(database)}


def _failed(name: str, errors: IO[bytes]) -> CasebookError:
    """Tell the first line only: further ones may quote rows."""
    errors.seek(0)
    reason = errors.readline().decode(errors="replace").strip() or "no reason given"
    return CasebookError(f"{name} failed ({reason}); nothing was changed.")
