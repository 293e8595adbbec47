"""`casebook quarantine`: the rejected lines, looked at and replayed."""

from __future__ import annotations

from functools import partial

import click
from rich.console import Console
from rich.table import Table

from orchestration.cli.progress import say
from orchestration.database import open_database
from orchestration.hash_keys import find_hash_keys
from orchestration.settings import load_settings
from orchestration.sources import SOURCES
from raw_loaders.errors import SettingsError
from raw_loaders.load_reports import LoadOptions
from raw_loaders.replays import ReplayReport, find_rejected, list_rejected, replay_source

SHOWN_LINES = 20


@click.group()
def quarantine() -> None:
    """Look at lines that did not land, and land them after a fix.

    A line is never dropped: what breaks the catalogue's rules is kept with its reason and
    its place. Nothing in the quarantine is ever changed; a replay is a load of its own.
    """


@quarantine.command("list")
def list_() -> None:
    """Count rejected lines by source and reason."""
    settings = load_settings()
    with open_database(settings).connect(role="quarantine_reader") as connection:
        groups = list_rejected(connection)
    if not groups:
        click.echo("The quarantine is empty.")
        return
    table = Table("source", "reason", box=None, pad_edge=False)
    for column in ("lines", "not replayed", "first", "last"):
        table.add_column(column, justify="right")
    for group in groups:
        table.add_row(
            group.source,
            group.reason,
            f"{group.lines:,}",
            f"{group.waiting:,}",
            *(
                f"{moment.astimezone(settings.timezone):%Y-%m-%d %H:%M}"
                for moment in (group.first_at, group.last_at)
            ),
        )
    Console().print(table)


@quarantine.command()
@click.argument("quarantine_id", type=int, required=False)
@click.option("--source", help="Only lines of this source.")
@click.option("--reason", help="Only lines rejected for this reason, such as unknown_type.")
@click.option("--limit", default=SHOWN_LINES, show_default=True, help="Show so many lines.")
def show(quarantine_id: int | None, source: str | None, reason: str | None, limit: int) -> None:
    """Show rejected lines: where each lies, and why it was rejected.

    With a QUARANTINE_ID also its bytes, while they are kept (30 days, and only of sources
    without free text).
    """
    with open_database(load_settings()).connect(role="quarantine_reader") as connection:
        lines = [
            *find_rejected(
                connection, source=source, reason=reason, quarantine_id=quarantine_id, limit=limit
            )
        ]
    if quarantine_id is not None and not lines:
        raise SettingsError(f"There is no line {quarantine_id} in the quarantine.")
    for line in lines:
        replayed = ", replayed" if line.is_replayed else ""
        click.echo(
            f"{line.quarantine_id}  {line.object} line {line.line_number:,}, bytes "
            f"{line.byte_offset:,}+{line.byte_length:,}: {line.reason}, {line.detail}{replayed}"
        )
    if quarantine_id is not None and lines:
        raw = lines[0].raw
        click.echo("Its bytes are not kept." if raw is None else raw.decode(errors="replace"))


@quarantine.command()
@click.argument("source", type=click.Choice([*SOURCES]), default="support")
@click.option("--reason", help="Only lines rejected for this reason.")
def replay(source: str, reason: str | None) -> None:
    """Land the rejected lines of SOURCE that are valid now, each once.

    After a fix of the catalogue, say. Lines that still break the rules stay where they are.
    """
    settings = load_settings()
    database = open_database(settings)
    options = LoadOptions(
        landing=settings.landing,
        timezone=settings.timezone,
        keys=find_hash_keys(settings, database, say),
        settle_seconds=settings.settle_seconds,
    )
    report = replay_source(source, partial(database.connect, role="loader"), options, reason)
    click.echo(_tell_replay(report))


def _tell_replay(report: ReplayReport) -> str:
    parts = [f"{report.landed:,} lines landed"]
    conflicts = report.rejected["id_conflict"]
    for count, text in (
        (report.duplicate, "had landed in another copy"),
        (conflicts, "are in conflict with an event that landed"),
        (report.rejected.total() - conflicts, "still break the rules"),
        (report.unreadable, "cannot be read any more"),
    ):
        if count:
            parts.append(f"{count:,} {text}")
    return ", ".join(parts) + "."
