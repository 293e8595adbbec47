"""The database roles that Casebook's steps take, and the login of BI tools.

The roles and their rights are made by migrations; see docs/security.md.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from orchestration.private_files import read_or_create
from raw_loaders.errors import SettingsError

if TYPE_CHECKING:
    from orchestration.database import Database
    from orchestration.settings import Settings

Role: TypeAlias = Literal[
    "owner", "loader", "transformer", "bi_reader", "eraser", "quarantine_reader"
]
LAYERS = ("staging", "intermediate", "facts", "marts", "seeds")
# Longest statement of a BI login.
BI_TIMEOUT = "60s"
PASSWORD_BYTES = 24

# No row when the server lacks the role, its user may not take it, or it has no rights here.
ASSUME = """
select set_config('role', rolname, false)
from pg_roles
where
    rolname = %s
    and pg_has_role(rolname, 'member')
    and (
        has_schema_privilege(rolname, to_regnamespace('staging')::oid, 'usage')
        or has_schema_privilege(rolname, to_regnamespace('marts')::oid, 'usage')
    )
"""


def assume_role(connection: psycopg.Connection, role: Role) -> str | None:
    """Let a session act as a role from now on; gives its name in the server.

    None, and the session stays its user's, where the warehouse works without roles.
    """
    row = connection.execute(ASSUME, (f"casebook_{role}",)).fetchone()
    return None if row is None else str(row[0])


def open_schemas(database: Database, suffix: str) -> None:
    """Make the schemas of a past state as migrations made the live ones, with the same rights."""
    with database.connect() as connection:
        has_roles = assume_role(connection, "owner") is not None
        for layer in LAYERS:
            schema = sql.Identifier(layer + suffix)
            connection.execute(sql.SQL("create schema if not exists {}").format(schema))
            if not has_roles:
                continue
            connection.execute(
                sql.SQL("grant usage, create on schema {} to casebook_transformer").format(schema)
            )
            if layer in ("facts", "marts"):
                connection.execute(
                    sql.SQL("grant usage on schema {} to casebook_bi_reader").format(schema)
                )
                connection.execute("reset role")
                connection.execute(
                    sql.SQL(
                        "alter default privileges for role casebook_transformer in schema {}"
                        " grant select on tables to casebook_bi_reader"
                    ).format(schema)
                )
                assume_role(connection, "owner")


def bi_url(settings: Settings, database: Database) -> str:
    """Give the URL of a login that reads facts and marts and nothing else, made if missing.

    Its password is kept in the home. Raises `SettingsError` where the user may create no role.
    """
    login = f"{database.parameters['dbname']}_bi"
    password = read_or_create(
        settings.home / "bi.password", lambda: secrets.token_urlsafe(PASSWORD_BYTES)
    ).decode()
    with database.connect() as connection:
        # Hashed here: the server, and its log, never see it.
        secret = connection.pgconn.encrypt_password(
            password.encode(), login.encode(), b"scram-sha-256"
        )
        try:
            _make_login(connection, login, secret.decode())
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject) as error:
            raise SettingsError(
                f"The user {connection.info.user} may not make the login {login}: have an "
                "administrator make one in the role casebook_bi_reader, see docs/security.md."
            ) from error
    parts = urlsplit(database.url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(login)}:{quote(password)}@{address}"))


def _make_login(connection: psycopg.Connection, login: str, secret: str) -> None:
    name = sql.Identifier(login)
    exists = connection.execute("select from pg_roles where rolname = %s", (login,)).fetchone()
    if exists is None:
        connection.execute(sql.SQL("create role {} login in role casebook_bi_reader").format(name))
    connection.execute(sql.SQL("alter role {} password {}").format(name, sql.Literal(secret)))
    for setting, value in (
        ("default_transaction_read_only", "on"),
        ("statement_timeout", BI_TIMEOUT),
    ):
        connection.execute(
            sql.SQL("alter role {} set {} = {}").format(
                name, sql.Identifier(setting), sql.Literal(value)
            )
        )
