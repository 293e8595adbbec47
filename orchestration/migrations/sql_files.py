"""How a step runs its SQL file."""

from __future__ import annotations

from pathlib import Path

from alembic import op


def run_sql_beside(step: str) -> None:
    """Run the `.sql` file named like the Python file `step`, in the step's transaction.

    Straight through psycopg: SQLAlchemy would take a colon or a percent sign for a parameter.
    """
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("Alembic runs the steps without a connection.")
    driver.execute(Path(step).with_suffix(".sql").read_text())
