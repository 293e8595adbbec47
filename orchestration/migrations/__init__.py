"""The warehouse's schema as numbered steps of plain SQL, applied by Alembic.

`versions/NNNN_name.py` runs the `.sql` file beside it. Steps only go forward, each in one
transaction; dbt's own tables are not among them.
"""

from __future__ import annotations

from pathlib import Path

import psycopg

from raw_loaders.errors import SettingsError
from raw_loaders.locks import MIGRATION_LOCK

DIRECTORY = Path(__file__).parent


def apply_migrations(connection: psycopg.Connection, url: str) -> None:
    """Bring the database of `connection` (in autocommit mode) and `url` up to date.

    One process at a time migrates; the others wait and find nothing to do. Raises
    `SettingsError` when the database is newer than this Casebook or the user lacks rights.
    """
    if _is_current(connection):
        return
    connection.execute("select pg_advisory_lock(%s)", (MIGRATION_LOCK,))
    try:
        if not _is_current(connection):
            upgrade_to(url, "head")
    except psycopg.errors.InsufficientPrivilege as error:
        raise SettingsError(
            f"The user {connection.info.user} may not create Casebook's schemas in the database "
            f"{connection.info.dbname} ({error.diag.message_primary}): have an administrator run "
            f"`grant create on database {connection.info.dbname} to {connection.info.user}`."
        ) from error
    finally:
        connection.execute("select pg_advisory_unlock(%s)", (MIGRATION_LOCK,))


def known_revisions() -> list[str]:
    """Give the revisions this Casebook knows, oldest first, such as `0001`.

    Read from the file names, because importing Alembic takes half a second.
    """
    return sorted(path.name.partition("_")[0] for path in (DIRECTORY / "versions").glob("0*.py"))


def _is_current(connection: psycopg.Connection) -> bool:
    query = "select to_regclass('staging.alembic_version') is not null"
    if connection.execute(query).fetchone() != (True,):
        return False
    row = connection.execute("select version_num from staging.alembic_version").fetchone()
    known = known_revisions()
    if row is not None and row[0] not in known:
        raise SettingsError(
            f"The database was migrated to revision {row[0]} by a newer Casebook; this one knows "
            f"{known[-1]}: upgrade Casebook."
        )
    return row is not None and row[0] == known[-1]


def upgrade_to(url: str, revision: str) -> None:
    """Apply the steps that are missing up to `revision`, such as `0007` or `head`."""
    from alembic import command  # noqa: PLC0415 - half a second, seldom needed
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy.exc import ProgrammingError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(DIRECTORY).replace("%", "%%"))
    config.attributes["url"] = url
    try:
        command.upgrade(config, revision)
    except ProgrammingError as error:
        if isinstance(error.orig, BaseException):
            raise error.orig from error
        raise
