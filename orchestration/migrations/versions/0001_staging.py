"""The landing side: objects, ledger, quarantine, raw events, builds."""

from orchestration.migrations.sql_files import run_sql_beside

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the SQL file beside this one."""
    run_sql_beside(__file__)
