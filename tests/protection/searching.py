"""Finds planted words in every table of a database and in every file below a folder."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg import sql

from tests.protection.canaries import find_words

if TYPE_CHECKING:
    from orchestration.database import Database

Found = dict[str, set[str]]


def search_database(database: Database) -> Found:
    """Give the words in each table, by `schema.table`; every table is a key."""
    query = (
        "select schemaname, tablename from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema') order by 1, 2"
    )
    found: Found = {}
    with database.connect() as connection:
        for schema, table in connection.execute(query).fetchall():
            rows = connection.execute(
                sql.SQL("select t::text from {} as t").format(sql.Identifier(schema, table))
            ).fetchall()
            found[f"{schema}.{table}"] = find_words("\n".join(row for (row,) in rows).encode())
    return found


def search_packed(database: Database) -> Found:
    """Give the words in values that are bytes and compressed, as Dagster keeps its snapshots."""
    query = (
        "select table_schema, table_name, column_name from information_schema.columns"
        " where data_type = 'bytea' and table_schema = 'public'"
    )
    found: Found = {}
    with database.connect() as connection:
        for schema, table, column in connection.execute(query).fetchall():
            values = connection.execute(
                sql.SQL("select {} from {}").format(
                    sql.Identifier(column), sql.Identifier(schema, table)
                )
            ).fetchall()
            words: set[str] = set()
            for (value,) in values:
                with suppress(zlib.error, TypeError):
                    words |= find_words(zlib.decompress(value))
            found[f"{table}.{column}, unpacked"] = words
    return found


def search_files(folder: Path, leaving_out: Iterable[Path] = ()) -> Found:
    """Give the words in each file below a folder, and in its name."""
    left_out = tuple(leaving_out)
    found: Found = {}
    for path in folder.rglob("*"):
        if path.is_file() and not any(path.is_relative_to(other) for other in left_out):
            found[str(path)] = find_words(path.read_bytes()) | find_words(path.name.encode())
    return found
