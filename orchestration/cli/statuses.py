"""`casebook status`: what landed, waits and was rejected."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from orchestration.database import open_database
from orchestration.embedded_postgres import EmbeddedPostgres
from orchestration.settings import Settings, load_settings
from orchestration.sources import SOURCES
from orchestration.statuses import (
    BuildStatus,
    SourceStatus,
    count_waiting,
    read_last_build,
    read_rejections,
    read_sources,
    read_stream_losses,
)


@click.command()
def status() -> None:
    """Show per source what landed, waits and was rejected, and the last build.

    Waiting are files in the landing directory that the warehouse does not know with their
    present size. Times are in CASEBOOK_TIMEZONE.
    """
    settings = load_settings()
    if settings.is_embedded and EmbeddedPostgres(settings.home).url() is None:
        click.echo(f"Nothing has been started in {settings.home} yet: try `casebook run`.")
        return
    with open_database(settings).connect(role="loader") as connection:
        sources = {status.source: status for status in read_sources(connection)}
        waiting = (
            {}
            if settings.landing.startswith("s3://")
            else count_waiting(connection, Path(settings.landing), SOURCES)
        )
        rejections = read_rejections(connection)
        losses = read_stream_losses(connection)
        build = read_last_build(connection)
    console = Console()
    console.print(_source_table(settings, sources, waiting))
    if rejections:
        console.print(_rejection_table(settings, rejections))
    for stream, count, noticed_at in losses:
        click.echo(
            f"Lost: {count:,} entries of the Redis stream {stream} were trimmed before they were "
            f"read, last noticed {_local(settings, noticed_at)}."
        )
    click.echo(_build_sentence(settings, build))


def _source_table(
    settings: Settings, sources: dict[str, SourceStatus], waiting: dict[str, int]
) -> Table:
    table = Table(title="Landed", title_justify="left")
    table.add_column("source")
    for name in ("files", "events", "duplicates", "quarantined", "files waiting"):
        table.add_column(name, justify="right")
    table.add_column("last landed")
    for name in sorted({*sources, *(source for source, count in waiting.items() if count)}):
        status = sources.get(name)
        counts = (
            (
                status.object_count,
                status.landed_count,
                status.duplicate_count,
                status.quarantined_count,
            )
            if status
            else (0, 0, 0, 0)
        )
        last = _local(settings, status.last_loaded_at) if status else "never"
        unknown = "" if name not in waiting else f"{waiting[name]:,}"
        table.add_row(name, *(f"{count:,}" for count in counts), unknown, last)
    return table


def _rejection_table(settings: Settings, rejections: list[tuple[str, str, int, datetime]]) -> Table:
    table = Table(title="Quarantine", title_justify="left")
    table.add_column("source")
    table.add_column("reason")
    table.add_column("lines", justify="right")
    table.add_column("last")
    for source, reason, count, last in rejections:
        table.add_row(source, reason, f"{count:,}", _local(settings, last))
    return table


def _build_sentence(settings: Settings, build: BuildStatus | None) -> str:
    if build is None:
        return "Facts and marts have not been built yet."
    rest = (
        "nothing landed since"
        if build.unread_load_count == 0
        else f"{build.unread_load_count:,} loads since then wait for the next build"
    )
    return f"Build {build.build_id} finished {_local(settings, build.finished_at)}; {rest}."


def _local(settings: Settings, instant: datetime) -> str:
    return f"{instant.astimezone(settings.timezone):%Y-%m-%d %H:%M:%S}"
