"""One whole erasure: staging, schemas of past states, a build from nothing, and a search.

What `casebook erase` calls. Killed anywhere, the same command goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from psycopg import sql

from orchestration.builds import one_build_at_a_time
from orchestration.hash_keys import find_hash_keys
from orchestration.warehouse_builds import build_warehouse
from raw_loaders.erasing import Erased, erase
from raw_loaders.errors import CasebookError, SettingsError
from raw_loaders.redaction import Redactor
from raw_loaders.tombstones import CUSTOMER_FIELD, SESSION_TABLES

if TYPE_CHECKING:
    import psycopg

    from orchestration.database import Database
    from orchestration.dbt_runs import Progress
    from orchestration.settings import Settings
    from raw_loaders.tombstones import Kind

PAST_SCHEMAS = """
select nspname from pg_namespace
where nspname ~ '^(staging|intermediate|facts|marts|seeds)_as_of_'
order by 1
"""
COLUMNS = """
select spaces.nspname, classes.relname, columns.attname, columns.atttypid::regtype::text
from pg_attribute as columns
inner join pg_class as classes on columns.attrelid = classes.oid
inner join pg_namespace as spaces on classes.relnamespace = spaces.oid
where
    spaces.nspname ~ '^(staging|intermediate|facts|marts|seeds)'
    and classes.relkind in ('r', 'm')
    and columns.attnum > 0
    and not columns.attisdropped
    and columns.atttypid = any(
        '{text,varchar,bpchar,json,jsonb,text[],varchar[]}'::regtype[]
    )
order by 1, 2, 3
"""


@dataclass(frozen=True, kw_only=True)
class ErasureOutcome:
    """What an erasure did; `build_id` is None when the tables had been built since."""

    erased: Erased
    past_schemas: Sequence[str]
    build_id: int | None
    column_count: int


def erase_everywhere(
    settings: Settings,
    database: Database,
    kind: Kind,
    text: str,
    *,
    say: Callable[[str], None],
    on_progress: Callable[[Progress], None] | None = None,
) -> ErasureOutcome:
    """Erase a customer or a session, build from nothing and look whether it is gone.

    Raises `SettingsError`, and does nothing, when nothing of it has landed; `CasebookError`
    when the search finds it after all.
    """
    if settings.as_of is not None:
        raise SettingsError("Unset CASEBOOK_AS_OF: an erasure builds the live schemas.")
    redactor = Redactor(find_hash_keys(settings, database, say))
    hashes = redactor.hashes(CUSTOMER_FIELD, text)
    # No build may read half of it.
    with (
        one_build_at_a_time(database, say),
        database.connect(autocommit=True, role="eraser") as connection,
    ):
        erased = erase(connection, kind, text, hashes, settings.timezone)
    if not erased.is_known:
        raise SettingsError(
            f"Nothing of this {kind} has landed, so nothing was done: check its id"
            + (" and CASEBOOK_HASH_KEY." if kind == "customer" else ".")
        )
    with database.connect(autocommit=True) as connection:
        past = _drop_past_states(connection)
        # Frees the space of the old rows, and the planner's samples of their values.
        for table in (*SESSION_TABLES, "quarantine_raw"):
            connection.execute(sql.SQL("vacuum (analyze) staging.{}").format(sql.Identifier(table)))
    build = build_warehouse(settings, database, say=say, on_progress=on_progress)
    with database.connect(autocommit=True) as connection:
        column_count, found = search(connection, hashes if kind == "customer" else text)
    if found:
        raise CasebookError(
            f"The {kind} was erased, but it is still found in {', '.join(found)}: "
            "run the same command again, and report this if it says so again."
        )
    return ErasureOutcome(
        erased=erased, past_schemas=past, build_id=build.build_id, column_count=column_count
    )


def search(connection: psycopg.Connection, wanted: str | Sequence[str]) -> tuple[int, list[str]]:
    """Look through all text and JSON of a warehouse; gives columns looked at, columns with it.

    An id must be the whole of a value; hashes are found anywhere in one.
    """
    column_count, found = 0, []
    columns = connection.execute(COLUMNS).fetchall()
    for (schema, table), group in groupby(columns, key=lambda column: column[:2]):
        names = [(name, type_) for _, _, name, type_ in group]
        tests = sql.SQL(", ").join(
            sql.SQL("coalesce(bool_or({}), false)").format(_test(name, type_, wanted))
            for name, type_ in names
        )
        query = sql.SQL("select {} from {}").format(tests, sql.Identifier(schema, table))
        row = connection.execute(query).fetchone() or ()
        column_count += len(names)
        found += [
            f"{schema}.{table}.{name}"
            for (name, _), is_found in zip(names, row, strict=True)
            if is_found
        ]
    return column_count, found


def _test(name: str, type_: str, wanted: str | Sequence[str]) -> sql.Composable:
    column = sql.Identifier(name)
    if not isinstance(wanted, str):
        return sql.SQL(" or ").join(
            sql.SQL("position({} in {}::text) > 0").format(sql.Literal(hash_), column)
            for hash_ in wanted
        )
    value = sql.Literal(wanted)
    if type_.endswith("[]"):
        return sql.SQL("{} = any({})").format(value, column)
    if type_.startswith("json"):
        return sql.SQL(
            "jsonb_path_exists({}::jsonb, '$.** ? (@ == $v)', jsonb_build_object('v', {}::text))"
        ).format(column, value)
    return sql.SQL("{} = {}").format(column, value)


def _drop_past_states(connection: psycopg.Connection) -> list[str]:
    """Drop the schemas of past states: CASEBOOK_AS_OF builds them again when they are wanted."""
    schemas = [name for (name,) in connection.execute(PAST_SCHEMAS)]
    for schema in schemas:
        connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
    return schemas
