"""`casebook build`: dbt only."""

from __future__ import annotations

import click

from orchestration.assumptions import check_assumptions
from orchestration.cli.progress import progress_bar, say
from orchestration.database import open_database
from orchestration.rebuilt_days import read_days
from orchestration.settings import load_settings
from orchestration.warehouse_builds import build_warehouse


@click.command()
@click.option("--full-refresh", is_flag=True, help="Build every table from nothing.")
@click.option("--from", "first", metavar="DATE", help="Compute again from this local day on …")
@click.option("--to", "last", metavar="DATE", help="… to this one, both included.")
def build(*, full_refresh: bool, first: str | None, last: str | None) -> None:
    """Build facts and marts from what has landed.

    Only what new events touch is computed again. A change of models, seeds, assumptions or
    time zone starts from nothing, and says so. Safe to repeat and to kill.

    With --from and --to, sessions, tickets, agents and days with an event between them are
    computed again, and whatever landed after the first of these events.
    """
    days = read_days(first, last)
    settings = load_settings()
    check_assumptions(settings)
    database = open_database(settings)
    with progress_bar("Building") as update:
        outcome = build_warehouse(
            settings,
            database,
            full_refresh=full_refresh,
            days=days,
            say=say,
            on_progress=lambda node: update(node.name, node.done, node.total),
        )
    if outcome.build_id is None:
        click.echo("Nothing new since the last build: facts and marts are up to date.")
    else:
        click.echo(
            f"Build {outcome.build_id} is finished: loads up to {outcome.plan.max_load_id}, "
            f"{outcome.seconds:.1f} s."
        )
