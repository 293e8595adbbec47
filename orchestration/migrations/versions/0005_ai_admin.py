"""The AI back office's raw rows, and where reading it stood."""

from orchestration.migrations.sql_files import run_sql_beside

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Run the SQL file beside this one."""
    run_sql_beside(__file__)
