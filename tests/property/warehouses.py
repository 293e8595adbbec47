"""One real warehouse of a trial: lines landed by the loader, builds by dbt, tables as rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg import sql
from psycopg.rows import dict_row

from orchestration.assumptions import seeds_in_force
from orchestration.builds import (
    begin_build,
    finish_build,
    one_build_at_a_time,
    prepare_plan,
    schema_suffix,
)
from orchestration.dbt_runs import PROJECT, dbt_arguments, dbt_environment, run_dbt
from orchestration.fingerprints import definition_sha256
from orchestration.roles import assume_role, open_schemas
from orchestration.staffing_tables import write_staffing
from raw_loaders.load_reports import raise_failures
from raw_loaders.loading import LoadOptions, load_source
from raw_loaders.redaction import HashKeys

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from orchestration.database import Database
    from orchestration.settings import Settings
    from raw_loaders.load_reports import LoadReport
    from tests.oracle.rows import Row, Rows

# Rows say which build wrote them, or when: they differ between two warehouses by right.
BUILD_TABLES = frozenset({"build_info", "report_snapshots"})
SCHEMAS = ("facts", "marts")
KEYS = HashKeys(key=b"a key of the tests only", key_id="tests", identity_key=b"another")


@dataclass(frozen=True)
class Warehouse:
    """A database with a landing directory of its own."""

    settings: Settings
    database: Database

    def at(self, as_of: datetime) -> Warehouse:
        """Return the same warehouse as of an instant, in schemas of its own."""
        return replace(self, settings=replace(self.settings, as_of=as_of))

    @property
    def suffix(self) -> str:
        """What the names of its schemas end in."""
        return schema_suffix(self.settings.as_of)

    def land(self, name: str, lines: Sequence[str]) -> None:
        """Land lines as one file of the source `support`."""
        folder = Path(self.settings.landing) / "support"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.ndjson").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        self.load("support")

    def load(self, source: str, ai_admin_url: str | None = None) -> LoadReport:
        """Land what lies in the landing directory, or in the back office's database."""
        options = LoadOptions(
            landing=self.settings.landing,
            timezone=self.settings.timezone,
            keys=KEYS,
            settle_seconds=0,
            ai_admin_url=ai_admin_url,
        )
        report = load_source(source, self.database.connect, options)
        raise_failures([report])
        return report

    def build(
        self, *, full_refresh: bool = False, only: Sequence[str] = (), is_killed: bool = False
    ) -> None:
        """Build without the data tests; a killed build runs some models and never finishes."""
        with one_build_at_a_time(self.database, on_wait=print) as connection:
            seeds = seeds_in_force(self.settings)
            zone = self.settings.timezone.key
            definition = definition_sha256(PROJECT, seeds, zone)
            plan = prepare_plan(connection, self.settings, definition, full_refresh=full_refresh)
            if plan.schema_suffix:
                open_schemas(self.database, plan.schema_suffix)
            build_id = begin_build(connection, plan, zone)
            arguments = dbt_arguments(
                self.settings.home,
                full_refresh=plan.is_full_refresh,
                schema_suffix=plan.schema_suffix,
                changed_sources=plan.changed_sources,
            )
            arguments += ["--exclude-resource-type", "test"]
            if only:
                if not plan.is_full_refresh:
                    at = arguments.index("--select")
                    del arguments[at : at + 2]
                arguments += ["--select", *only]
            if only or not is_killed:
                role = assume_role(connection, "transformer") or ""
                run_dbt(arguments, dbt_environment(self.database, self.suffix, seeds, role))
            if not is_killed and not only:
                write_staffing(
                    connection, build_id, self.suffix, is_full_refresh=plan.is_full_refresh
                )
            if not is_killed:
                finish_build(connection, build_id)

    def tables(self) -> list[tuple[str, str]]:
        """Return (schema, table) of every fact and mart that is about data."""
        query = """
            select table_schema, table_name from information_schema.tables
            where table_schema = any(%s) and table_type = 'BASE TABLE'
            order by 1, 2
        """
        with self.database.connect() as connection:
            schemas = [f"{schema}{self.suffix}" for schema in SCHEMAS]
            found = connection.execute(query, (schemas,)).fetchall()
        return [
            (schema.removesuffix(self.suffix), table)
            for schema, table in found
            if table not in BUILD_TABLES
        ]

    def row_texts(self, schema: str, table: str) -> Counter[str]:
        """Return every row as Postgres prints it, and how often."""
        query = sql.SQL("select t::text, count(*) from {} as t group by 1").format(
            sql.Identifier(f"{schema}{self.suffix}", table)
        )
        with self.database.connect() as connection:
            return Counter(dict(connection.execute(query).fetchall()))

    def rows(self, schema: str, table: str) -> list[Row]:
        """Return every row by column name."""
        query = sql.SQL("select * from {}").format(sql.Identifier(f"{schema}{self.suffix}", table))
        with (
            self.database.connect() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            return cursor.execute(query).fetchall()


def keyed(rows: list[Row], *columns: str) -> Rows:
    """Key rows by some of their columns."""
    return {tuple(row[column] for column in columns): row for row in rows}


def bag(rows: list[Row], *columns: str) -> Rows:
    """Key rows by these columns, which need not be unique; the value is their number."""
    counts = Counter(tuple(row[column] for column in columns) for row in rows)
    return {key: {"row_count": count} for key, count in counts.items()}
