"""The key of identities, made once per warehouse."""

from orchestration.migrations.sql_files import run_sql_beside

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Run the SQL file beside this one."""
    run_sql_beside(__file__)
