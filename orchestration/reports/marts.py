"""Reads all that a page shows of one month, and who wrote it. Marts only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from orchestration.reports.figures import FIGURES, KPIS, MARTS, QUALITY
from orchestration.reports.wording import Number
from raw_loaders.errors import SettingsError

SITES_NAMED = 10


@dataclass(frozen=True)
class Build:
    """The build a page is made from."""

    build_id: int
    max_load_id: int
    business_timezone: str
    definition_sha256: str
    support_as_of: datetime | None


@dataclass(frozen=True, kw_only=True)
class Month:
    """What marts hold of one month; `site` is None for all sites.

    `values` are by `mart.column` of the figures; a mart without a row gives None. `case` is
    the row of business_case_monthly. Frames have one row per day, hour, channel and so on.
    """

    start: date
    site: str | None
    build: Build
    is_complete: bool
    case: Mapping[str, Any]
    values: Mapping[str, Number | None]
    days: pd.DataFrame
    hours: pd.DataFrame
    channels: pd.DataFrame
    sites: pd.DataFrame
    escalations: pd.DataFrame
    tickets: pd.DataFrame
    assumptions: pd.DataFrame
    definitions: Mapping[str, str]

    @property
    def begins_on(self) -> date | None:
        """The month's first day with data where that is not its first day."""
        first: date | None = None if self.days.empty else self.days["period_start"].min()
        return None if first == self.start else first

    @property
    def currency(self) -> str | None:
        """Of its amounts; None where a day has no cost assumptions."""
        currency: str | None = self.case["currency"]
        return currency


class Marts:
    """The marts of one build, read in one transaction."""

    def __init__(self, connection: psycopg.Connection, schema: str) -> None:
        self._connection = connection
        self._schema = schema

    def read_build(self) -> Build:
        """Give the build all marts are of.

        Raises `SettingsError` when nothing was built yet, or the last build did not finish.
        """
        found = self._connection.execute(
            "select to_regclass(%s) is not null", (f"{self._schema}.build_info",)
        ).fetchone()
        rows = (
            self._rows("select * from {} where table_name = any(%s)", "build_info", list(MARTS))
            if found == (True,)
            else []
        )
        if {row["table_name"] for row in rows} < set(MARTS):
            raise SettingsError(
                f"The marts of schema {self._schema} are not built yet: run `casebook run`."
            )
        if any(row["finished_at"] is None for row in rows):
            raise SettingsError(
                "The last build did not finish, so its numbers do not belong together: "
                "run `casebook build`."
            )
        last = max(rows, key=lambda row: int(row["build_id"]))
        return Build(**{name: last[name] for name in Build.__dataclass_fields__})

    def find_month(self) -> date | None:
        """Give the last complete month, the running one when none is; None without events."""
        rows = self._rows(
            "select period_start from {} order by is_complete desc, period_start desc limit 1",
            "business_case_monthly",
        )
        return rows[0]["period_start"] if rows else None

    def read_month(self, start: date, site: str | None) -> Month:
        """Read one month. Raises `SettingsError` for a month or site without data."""
        build = self.read_build()
        where = "select * from {} where period_start = %s"
        cases = self._rows(where, "business_case_monthly", start)
        if not cases:
            raise SettingsError(f"There are no numbers of {start:%Y-%m}: {self._tell_range()}.")
        by_site = "" if site is None else "_by_site"
        rows = self._read_figures(start, site)
        of_month = "period_start >= %s and period_start < %s + interval '1 month'"
        days = "select * from {} where " + of_month
        site_filter, site_values = ("", []) if site is None else (" and site = %s", [site])
        return Month(
            start=start,
            site=site,
            build=build,
            is_complete=cases[0]["is_complete"],
            case=cases[0],
            values={
                figure.key: (rows[figure.mart][0][column] if rows[figure.mart] else None)
                for column, figure in FIGURES.items()
            },
            days=self._frame(
                days + site_filter + " order by period_start",
                f"support_kpis_daily{by_site}",
                start,
                start,
                *site_values,
            ),
            hours=self._frame(
                "select weekday, hour, sum(sessions)::int as sessions from {} "
                "where period_start = %s" + site_filter + " group by weekday, hour",
                "session_starts_monthly",
                start,
                *site_values,
            ),
            channels=self._frame(where, f"{KPIS}_by_channel", start),
            sites=self._frame(where, f"{KPIS}_by_site", start),
            escalations=self._frame(
                "select reason, sum(escalations)::int as escalations from {} "
                "where " + of_month + " group by reason",
                "escalations_daily",
                start,
                start,
            ),
            tickets=self._frame(where + " order by type, priority", "ticket_sla_monthly", start),
            assumptions=self._frame(
                where + " order by valid_from", "cost_assumptions_monthly", start
            ),
            definitions=self._read_definitions(),
        )

    def _read_figures(self, start: date, site: str | None) -> dict[str, list[dict[str, Any]]]:
        """Give the month's row of each mart that figures are read from, none for an absent one.

        What no mart has by site is not shown on a site's page.
        """
        marts = {figure.mart for figure in FIGURES.values()}
        where = "select * from {} where period_start = %s"
        if site is None:
            # The page is of the support centre; data quality has a row for each source.
            of_support = {QUALITY: " and source = 'support'"}
            return {
                mart: self._rows(where + of_support.get(mart, ""), mart, start) for mart in marts
            }
        kpis = self._rows(f"{where} and site = %s", f"{KPIS}_by_site", start, site)
        if not kpis:
            raise SettingsError(
                f"There is no site {site!r} in {start:%Y-%m}: {self._tell_sites(start)}."
            )
        return {mart: kpis if mart == KPIS else [] for mart in marts}

    def _read_definitions(self) -> dict[str, str]:
        """Give the description of every column, by `mart.column`, as the build left it."""
        return dict(
            self._connection.execute(
                """
                select tables.relname || '.' || columns.attname, descriptions.description
                from pg_catalog.pg_description as descriptions
                inner join pg_catalog.pg_class as tables on descriptions.objoid = tables.oid
                inner join pg_catalog.pg_attribute as columns
                    on tables.oid = columns.attrelid and descriptions.objsubid = columns.attnum
                where
                    descriptions.classoid = 'pg_catalog.pg_class'::regclass
                    and tables.relnamespace = %s::regnamespace
                """,
                (self._schema,),
            ).fetchall()
        )

    def _tell_range(self) -> str:
        row = self._rows(
            "select min(period_start) as first, max(period_start) as last from {}",
            "business_case_monthly",
        )[0]
        if row["first"] is None:
            return "no support events have been landed yet"
        return f"there are months from {row['first']:%Y-%m} to {row['last']:%Y-%m}"

    def _tell_sites(self, start: date) -> str:
        rows = self._rows(
            "select site from {} where period_start = %s order by sessions desc, site",
            f"{KPIS}_by_site",
            start,
        )
        return "there are " + ", ".join(repr(row["site"]) for row in rows[:SITES_NAMED])

    def _rows(self, query: str, mart: str, *values: object) -> list[dict[str, Any]]:
        composed = sql.SQL(query).format(sql.Identifier(self._schema, mart))
        with self._connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(composed, values or None).fetchall()

    def _frame(self, query: str, mart: str, *values: object) -> pd.DataFrame:
        return pd.DataFrame(self._rows(query, mart, *values))
