"""Run sqlfluff `lint` or `fix` on the dbt project; its templater compiles it on a database."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from orchestration.database import Database, open_database
from orchestration.dbt_runs import PROJECT, dbt_environment
from orchestration.embedded_postgres import EmbeddedPostgres
from orchestration.settings import load_settings


def lint(database: Database) -> int:
    """Lint (or do what the first argument says to) models and tests; gives the exit code."""
    folders = [
        folder
        for folder in ("models", "tests")
        if any((PROJECT / "dbt_project" / folder).rglob("*.sql"))
    ]
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("sqlfluff")),
            *(sys.argv[1:] or ["lint"]),
            *(f"dbt_project/{folder}" for folder in folders),
        ],
        cwd=PROJECT,
        env={**os.environ, **dbt_environment(database)},
        check=False,
    ).returncode


with tempfile.TemporaryDirectory(prefix="casebook-lint-") as name:
    home = Path(name)
    # The server may run as another user.
    home.chmod(0o755)
    try:
        sys.exit(lint(open_database(load_settings({"CASEBOOK_HOME": name}, home))))
    finally:
        EmbeddedPostgres(home).stop()
