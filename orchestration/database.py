"""The warehouse: an open database whose schema is current.

It knows connections and migrations, not what the tables hold.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from orchestration.embedded_postgres import EmbeddedPostgres
from orchestration.migrations import apply_migrations
from orchestration.roles import Role, assume_role
from orchestration.settings import Settings
from raw_loaders.errors import CasebookError, RetriableError, SettingsError

# The oldest that the tests have been run on.
MINIMUM_VERSION = 150000
CONNECT_SECONDS = 10
# FATAL answers that pass by themselves.
PASSING = ("starting up", "shutting down", "recovery", "too many", "slots are reserved")


@dataclass(frozen=True)
class Database:
    """A database that answers. Its URL carries a password: print it only when asked to."""

    url: str = field(repr=False)
    is_embedded: bool

    def connect(self, *, autocommit: bool = False, role: Role | None = None) -> psycopg.Connection:
        """Open a session in UTC that acts as `role`, or as the URL's user.

        Raises a `CasebookError` that names server and reason.
        """
        return connect(self.url, autocommit=autocommit, is_embedded=self.is_embedded, role=role)

    @property
    def parameters(self) -> dict[str, str]:
        """The URL's parts as libpq names them: host, port, user, password, dbname."""
        parsed = conninfo_to_dict(self.url)
        return {name: str(value) for name, value in parsed.items() if value is not None}


def open_database(settings: Settings) -> Database:
    """Give the warehouse, started if it is the embedded one, with all migrations applied.

    Safe to call from many processes at once. Raises a `CasebookError` when the server is
    down, refuses, is too old or lets its user create nothing.
    """
    database = reach_database(settings)
    with database.connect(autocommit=True) as connection:
        _check_server(connection)
        apply_migrations(connection, database.url)
    return database


def reach_database(settings: Settings) -> Database:
    """Give the database as it is: started if embedded, without a look at its schema."""
    if settings.database_url is None:
        return Database(EmbeddedPostgres(settings.home).start(), is_embedded=True)
    return Database(settings.database_url, is_embedded=False)


def open_dagster_database(settings: Settings) -> Database:
    """Give Dagster's own database in the same server, made if missing.

    It is named `dagster` in the embedded server and `<warehouse>_dagster` in another.
    Raises `SettingsError` when it is missing and the user may not create databases.
    """
    warehouse = reach_database(settings)
    name = "dagster" if warehouse.is_embedded else f"{warehouse.parameters.get('dbname')}_dagster"
    with warehouse.connect(autocommit=True) as connection:
        try:
            _create_database(connection, name)
        except psycopg.errors.InsufficientPrivilege as error:
            user = connection.info.user
            raise SettingsError(
                f"The user {user} may not create the database {name} that Dagster keeps its runs "
                f"in: have an administrator run `create database {name} owner {user}`."
            ) from error
    parts = urlsplit(warehouse.url)
    return Database(urlunsplit(parts._replace(path=f"/{name}")), warehouse.is_embedded)


def connect(
    url: str, *, autocommit: bool, is_embedded: bool = False, role: Role | None = None
) -> psycopg.Connection:
    """Open a session in UTC on `url`, see `Database.connect`.

    Raises `RetriableError` when the server does not answer or is busy, `SettingsError` when
    it refuses the user, password or database.
    """
    try:
        connection = psycopg.connect(
            url,
            autocommit=autocommit,
            connect_timeout=CONNECT_SECONDS,
            application_name="casebook",
        )
    except psycopg.OperationalError as error:
        raise _connection_error(url, str(error), is_embedded=is_embedded) from error
    except psycopg.ProgrammingError as error:
        raise SettingsError(
            "CASEBOOK_DATABASE_URL is not a URL such as postgresql://user:password@host:5432/name."
        ) from error
    connection.execute("set timezone to 'UTC'")
    if role is not None:
        assume_role(connection, role)
    if not autocommit:
        connection.commit()
    return connection


def _connection_error(url: str, message: str, *, is_embedded: bool) -> CasebookError:
    parts = conninfo_to_dict(url)
    server = f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}"
    cure = "see `casebook db status`" if is_embedded else "correct CASEBOOK_DATABASE_URL"
    if "FATAL:" not in message:
        reason = message.strip().splitlines()[0].rpartition("failed: ")[2]
        return RetriableError(
            f"The database at {server} does not answer ({reason}): start it, or {cure}."
        )
    refusal = message.rpartition("FATAL:")[2].strip().splitlines()[0]
    if any(word in refusal for word in PASSING):
        return RetriableError(f"The database at {server} is busy ({refusal}): try again later.")
    return SettingsError(f"The database at {server} refuses the connection ({refusal}): {cure}.")


def _check_server(connection: psycopg.Connection) -> None:
    version = connection.info.server_version
    if version < MINIMUM_VERSION:
        raise SettingsError(
            f"The database is Postgres {version // 10000}; Casebook needs "
            f"{MINIMUM_VERSION // 10000} or newer: upgrade it, or unset CASEBOOK_DATABASE_URL to "
            "use the embedded server."
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise SettingsError(
            f"The database {connection.info.dbname} is encoded in {encoding}, which cannot hold "
            "every event: create another with `create database … encoding 'UTF8' template "
            "template0`."
        )


def _create_database(connection: psycopg.Connection, name: str) -> None:
    query = "select from pg_database where datname = %s"
    if connection.execute(query, (name,)).fetchone() is not None:
        return
    # Another process may be quicker.
    with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
