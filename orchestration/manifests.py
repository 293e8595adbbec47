"""dbt's manifest, from which Dagster knows the models: made when missing or stale.

It has a target folder of its own below CASEBOOK_HOME, and no database is needed for it.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.assumptions import seeds_in_force
from orchestration.database import Database
from orchestration.dbt_runs import PROFILES, PROJECT, dbt_environment, forget_parse, run_dbt
from orchestration.fingerprints import definition_sha256

if TYPE_CHECKING:
    from orchestration.settings import Settings

# Parsing connects to nothing; dbt still wants its variables filled.
NO_DATABASE = Database("postgresql://nobody@localhost/warehouse", is_embedded=False)


def prepare_manifest(settings: Settings) -> Path:
    """Give the path of a manifest of the project as it is now.

    Raises a `CasebookError` that names the file dbt cannot read.
    """
    target = settings.home / "dbt" / "manifest"
    manifest, stamp = target / "manifest.json", target / "project.sha256"
    seeds = seeds_in_force(settings)
    project = _project_sha256(seeds, settings.timezone.key)
    if manifest.is_file() and stamp.is_file() and stamp.read_text() == project:
        return manifest
    forget_parse(target, project)
    arguments = ["parse", "--project-dir", str(PROJECT), "--profiles-dir", str(PROFILES)]
    arguments += ["--target-path", str(target), "--log-path", str(settings.home / "dbt" / "logs")]
    run_dbt(arguments, dbt_environment(NO_DATABASE, seeds=seeds))
    stamp.write_text(project)
    return manifest


def _project_sha256(seeds: Path, timezone: str) -> str:
    """Hash all that the manifest shows: definitions, tests, and the dbt that reads them."""
    digest = hashlib.sha256(definition_sha256(PROJECT, seeds, timezone).encode())
    digest.update(version("dbt-core").encode())
    for path in sorted((PROFILES / "tests").rglob("*.sql")):
        digest.update(f"\0{path.relative_to(PROFILES).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
