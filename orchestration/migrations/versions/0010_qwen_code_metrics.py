"""The AI coding agent's own counters, for reconciliation."""

from orchestration.migrations.sql_files import run_sql_beside

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Run the SQL file beside this one."""
    run_sql_beside(__file__)
