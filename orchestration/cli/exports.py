"""`casebook export`: a mart or fact as a file."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from orchestration.builds import schema_suffix
from orchestration.cli.progress import say
from orchestration.database import open_database
from orchestration.exports import FORMATS, WRITERS, find_relation, read_blocks, whole_file
from orchestration.settings import load_settings
from raw_loaders.errors import CasebookError

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("mart")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="csv",
    show_default=True,
    help="Of the file.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="A file. [default: stdout]")
@click.option("--from", "first", type=DAY, help="First day, such as 2025-12-01.")
@click.option("--to", "last", type=DAY, help="Last day, included.")
def export(
    *, mart: str, form: str, output: Path | None, first: datetime | None, last: datetime | None
) -> None:
    """Write the mart or fact MART as csv or parquet.

    For example: casebook export support_kpis_daily --from 2025-12-01 -o kpis.csv
    """
    if output is None and form == "parquet" and sys.stdout.isatty():
        raise CasebookError("Parquet is not for a terminal: name a file with --output.")
    settings = load_settings()
    with open_database(settings).connect(role="bi_reader") as connection:
        relation = find_relation(connection, mart, schema_suffix(settings.as_of))
        blocks = read_blocks(connection, relation, first and first.date(), last and last.date())
        if output is None:
            count = WRITERS[form](relation, blocks, sys.stdout.buffer)
        else:
            with whole_file(output) as sink:
                count = WRITERS[form](relation, blocks, sink)
    say(f"{count:,} rows of {relation.schema}.{relation.name} written.")
