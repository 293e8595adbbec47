"""`casebook report`: the business case page of a month."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from orchestration.cli.progress import say
from orchestration.database import open_database
from orchestration.settings import load_settings

if TYPE_CHECKING:
    from orchestration.reports.wording import Language


class Month(click.ParamType[date]):
    """A calendar month, written 2025-12."""

    name = "YYYY-MM"

    def convert(
        self, value: str | date, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Give the month's first day."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m").date()
        except ValueError:
            self.fail(f"{value!r} is not a month such as 2025-12.", param, ctx)


@click.command()
@click.option("--month", type=Month(), help="The month; the last complete one when not given.")
@click.option("--site", help="Only this site; all sites when not given.")
@click.option(
    "--lang", type=click.Choice(["zh", "en", "both"]), default="both", help="Its language(s)."
)
def report(*, month: date | None, site: str | None, lang: Language) -> None:
    """Write a month's business case page: one HTML file that needs nothing else.

    It reads marts only and prints well on A4. What is published is remembered: a page made
    again says which numbers changed since, and why.
    """
    # A second of imports.
    from orchestration.reports.publishing import publish_page  # noqa: PLC0415

    settings = load_settings()
    database = open_database(settings)
    page = publish_page(settings, database, month, site=site, language=lang, say=say)
    if page is None:
        click.echo("No support events have been landed yet, so there is no page to write.")
        return
    if not page.is_complete:
        say(f"{page.month:%Y-%m} is not over: the page says so and is compared with nothing.")
    if page.changed_count:
        say(f"{page.changed_count} numbers changed since it was last published; the page says why.")
    click.echo(str(page.path))
