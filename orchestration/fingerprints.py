"""What a build's tables depend on besides events, as one hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

# Tests and semantic models change no table.
DEFINING_FOLDERS = ("models", "macros")
# What builds write themselves.
DEFINING_MODULES = ("staffing.py", "staffing_tables.py")
DEFINING_SUFFIXES = (".sql", ".yml", ".yaml", ".csv")


def definition_sha256(project: Path, seeds: Path, timezone: str) -> str:
    """Hash models, macros, staffing, the seeds in force (assumptions included), the business zone.

    Equal hashes mean that a build may go on from the last one. Hex.
    """
    files = [("dbt_project.yml", project / "dbt_project.yml")]
    files += [(name, project / "orchestration" / name) for name in DEFINING_MODULES]
    for folder in DEFINING_FOLDERS:
        files += _files_below(project / "dbt_project" / folder, folder)
    files += _files_below(seeds, "seeds")
    digest = hashlib.sha256(timezone.encode())
    for name, path in files:
        digest.update(f"\0{name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files_below(folder: Path, name: str) -> Iterable[tuple[str, Path]]:
    return sorted(
        (f"{name}/{path.relative_to(folder).as_posix()}", path)
        for path in folder.rglob("*")
        if path.suffix in DEFINING_SUFFIXES
    )
