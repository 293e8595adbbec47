"""What tells an entry of a Redis stream from another of its id, found by an index."""

from orchestration.migrations.sql_files import run_sql_beside

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Run the SQL file beside this one."""
    run_sql_beside(__file__)
