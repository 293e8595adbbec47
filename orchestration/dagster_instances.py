"""Dagster's own state: its folder below CASEBOOK_HOME, its settings file, its database.

Runs, events and ticks live in a database of the warehouse's server, so that `casebook run`,
`casebook dev` and the daemon see the same ones.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.database import open_dagster_database

if TYPE_CHECKING:
    import dagster as dg

    from orchestration.settings import Settings

# Named in dagster.yaml, so that the password stands in no file.
DATABASE_URL_VARIABLE = "DAGSTER_CASEBOOK_POSTGRES_URL"
TEMPLATE = Path(__file__).with_name("dagster.yaml")


def prepare_dagster_home(settings: Settings) -> dict[str, str]:
    """Write Dagster's settings and make its database; give the environment it needs.

    Raises a `CasebookError` when the server is down or lets its user create no database.
    """
    home = settings.home / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    target = home / "dagster.yaml"
    template = TEMPLATE.read_text()
    if not target.is_file() or target.read_text() != template:
        target.write_text(template)
    return {
        "DAGSTER_HOME": str(home),
        DATABASE_URL_VARIABLE: open_dagster_database(settings).url,
    }


def open_instance(settings: Settings) -> dg.DagsterInstance:
    """Open the instance that every command of this home shares; close it with `dispose`."""
    import dagster as dg  # noqa: PLC0415

    os.environ.update(prepare_dagster_home(settings))
    return dg.DagsterInstance.get()
