"""dbt's own documentation as one file: models, columns, tests and the whole lineage.

python -m orchestration.pages.dbt_docs
"""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.assumptions import seeds_in_force
from orchestration.database import open_database
from orchestration.dbt_runs import PROFILES, PROJECT, dbt_environment, run_dbt
from orchestration.settings import Settings, load_settings


def write_dbt_docs(settings: Settings) -> Path:
    """Write the page below the home and give its path; tables are shown as the warehouse has them.

    Raises a `CasebookError` when dbt cannot read the project or reach the database.
    """
    target = settings.home / "dbt" / "docs"
    arguments = ["docs", "generate", "--static"]
    arguments += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROFILES)]
    arguments += ["--target-path", str(target), "--log-path", str(settings.home / "dbt" / "logs")]
    run_dbt(arguments, dbt_environment(open_database(settings), seeds=seeds_in_force(settings)))
    return target / "static_index.html"


if __name__ == "__main__":
    click.echo(write_dbt_docs(load_settings()))
