"""The roles that Casebook's own steps take, and what each may do."""

from orchestration.migrations.sql_files import run_sql_beside

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Run the SQL file beside this one."""
    run_sql_beside(__file__)
