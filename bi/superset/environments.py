"""Superset's Python: an environment of its own, exactly as requirements.txt pins it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from raw_loaders.errors import CasebookError

FOLDER = Path(__file__).parent
REQUIREMENTS = FOLDER / "requirements.txt"
ENVIRONMENT = FOLDER.parent / ".venvs" / "superset"
# Superset 6.1 runs on none newer.
NEWEST = (3, 12)


def make_environment(path: Path = ENVIRONMENT) -> Path:
    """Give the folder of the environment's programs; made when missing or of other pins.

    Raises `CasebookError` when this Python is too new or the packages cannot be installed.
    """
    stamp = path / "made-from.txt"
    wanted = REQUIREMENTS.read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return path / "bin"
    if sys.version_info[:2] > NEWEST:
        raise CasebookError(
            "Superset needs Python 3.11 or 3.12: `make clean`, then `make bi PYTHON=…` with one."
        )
    shutil.rmtree(path, ignore_errors=True)
    _run(sys.executable, "-m", "venv", str(path))
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    exact = ("--require-hashes", "--no-deps", "-r", str(REQUIREMENTS))
    _run(str(path / "bin" / "python"), *install, *exact)
    stamp.write_text(wanted)
    return path / "bin"


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise CasebookError(f"Superset's environment could not be made: {said[-1]}")
