"""`casebook erase`: a customer or a session, from everything."""

from __future__ import annotations

import click

from orchestration.assumptions import check_assumptions
from orchestration.cli.progress import progress_bar, say
from orchestration.database import open_database
from orchestration.erasures import ErasureOutcome, erase_everywhere
from orchestration.settings import load_settings
from raw_loaders.tombstones import Kind


@click.command()
@click.option("--customer", help="Remove this customer's id; the events stay and count.")
@click.option("--session", help="Delete all rows of this session.")
def erase(customer: str | None, session: str | None) -> None:
    """Erase a customer or a session, for good.

    With `-` the id is read from standard input, so that no list of processes shows it. Facts
    and marts are built from nothing, then searched. What was erased does not come back with an
    old file. Killed, the same command goes on where it stopped.
    """
    if (customer is None) == (session is None):
        raise click.UsageError("Give either --customer or --session.")
    kind: Kind = "session" if customer is None else "customer"
    text = customer or session or ""
    if text == "-":
        text = click.get_text_stream("stdin").readline().rstrip("\r\n")
    if not text:
        raise click.UsageError(f"The id of the {kind} is empty.")
    settings = load_settings()
    check_assumptions(settings)
    database = open_database(settings)
    with progress_bar("Building") as update:
        outcome = erase_everywhere(
            settings,
            database,
            kind,
            text,
            say=say,
            on_progress=lambda node: update(node.name, node.done, node.total),
        )
    click.echo(_tell(kind, outcome))


def _tell(kind: Kind, outcome: ErasureOutcome) -> str:
    erased = outcome.erased
    events = "lost the id" if kind == "customer" else "are deleted"
    parts = [
        f"{erased.event_count:,} events {events}",
        f"{erased.raw_line_count:,} rejected lines lost their bytes",
    ]
    if outcome.past_schemas:
        parts.append(f"{len(outcome.past_schemas):,} schemas of past states are dropped")
    built = "" if outcome.build_id is None else f" Build {outcome.build_id} is finished."
    return (
        f"{', '.join(parts)}.{built} A search of {outcome.column_count:,} columns finds nothing "
        f"of the {kind}."
    )
