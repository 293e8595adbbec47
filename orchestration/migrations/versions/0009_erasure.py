"""What erasure leaves behind: tombstones, and a record without the person."""

from orchestration.migrations.sql_files import run_sql_beside

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Run the SQL file beside this one."""
    run_sql_beside(__file__)
