"""`casebook run`: land, build, check, and show the numbers."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path

import click

from orchestration.builds import schema_suffix
from orchestration.cli.listening import listen
from orchestration.cli.progress import say
from orchestration.cli.reports import tell_load
from orchestration.resources import Workplace
from orchestration.samples import centres, guards, writers
from orchestration.samples.back_office import BackOffice, create_sample_office
from orchestration.samples.coding import Coding, write_coding_sample
from orchestration.samples.studio import Studio, write_studio_sample
from orchestration.settings import Settings, load_settings
from raw_loaders.load_reports import raise_failures

# Of the table, where there is no terminal to fit.
WIDTH = 100


@click.command()
def run() -> None:
    """Land what is new, build facts and marts, check them, and show the headline numbers.

    It is a run of the Dagster job `daily`, which `casebook dev` shows. In a new home with
    nothing to land it makes a small sample first, and says so. Safe to repeat and to kill.
    """
    settings = load_settings()
    with listen() as listener:
        workplace = Workplace(settings, listener)
        listener.step("Starting", "", 0, 1)
        offer_sample(workplace)
        # Seconds of imports.
        from orchestration.runs import run_daily  # noqa: PLC0415

        listener.step("Starting", "", 1, 1)
        run_daily(workplace)
    for report in workplace.loads:
        say(tell_load(report))
    for outcome in workplace.builds:
        if outcome.build_id is None:
            say("Nothing new since the last build: facts and marts are as they were.")
        else:
            say(f"Build {outcome.build_id} took {outcome.seconds:.1f} s.")
    _show_headlines(workplace)
    # Of this run, or of one before: it is written again when something is new.
    page = newest_page(settings)
    if page is not None:
        say(f"The business case, a page to open or send: {page}")
    raise_failures(workplace.loads)


def offer_sample(workplace: Workplace) -> None:
    """Make a sample in a new home that has nothing to land."""
    settings = workplace.settings
    with workplace.database.connect(role="loader") as connection:
        landed = guards.read_ledger(connection)
    landing = guards.read_places(settings)
    if guards.wants_sample(settings, landing, landed):
        centre = centres.Centre(zone=settings.timezone)
        truth = writers.write_sample(centre, Path(settings.landing))
        write_studio_sample(Studio(end=centre.end), Path(settings.landing))
        write_coding_sample(Coding(end=centre.end), Path(settings.landing))
        noon = datetime.combine(centre.end, time(12), UTC)
        create_sample_office(workplace.database, BackOffice(end=noon))
        workplace.listener.say(
            f"{settings.landing} is empty and this home is new: a made-up support centre's "
            f"{truth.delivered:,} events were put there to show how it works, beside those of an "
            "AI coding agent, an agent studio and the database of an AI back office. For your "
            "own, set CASEBOOK_LANDING and another CASEBOOK_HOME."
        )
    elif landing.is_empty and landed.is_empty:
        workplace.listener.say(
            f"There is nothing to land: {settings.landing} has no folder support with files."
        )


def newest_page(settings: Settings) -> Path | None:
    """Return the page that was written last."""
    pages = settings.reports.glob("*.html")
    return max(pages, key=lambda path: path.stat().st_mtime, default=None)


def _show_headlines(workplace: Workplace) -> None:
    from rich.console import Console  # noqa: PLC0415

    from orchestration.kpi_table import read_headlines, render_headlines  # noqa: PLC0415
    from orchestration.system_lines import (  # noqa: PLC0415
        read_system_lines,
        render_system_lines,
    )

    settings = workplace.settings
    suffix = schema_suffix(settings.as_of)
    with workplace.database.connect(role="bi_reader") as connection:
        headlines = read_headlines(connection, suffix)
        lines = read_system_lines(connection, suffix)
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    if headlines.month is None:
        say("No support events have been landed yet, so there are no headline numbers to show.")
    else:
        console.print(render_headlines(headlines))
    if any(line.last_date for line in lines):
        console.print(render_system_lines(lines))
        say(
            f"Everything behind it is in schemas marts{suffix} and facts{suffix}: "
            "`casebook db psql` opens the database, `casebook db url` prints its DSN. Runs, "
            "lineage and checks: `casebook dev`."
        )
