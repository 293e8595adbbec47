"""`casebook status`: what landed, waits and was rejected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

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
    count_waiting_entries,
    count_waiting_objects,
    read_last_build,
    read_sources,
    read_stream_losses,
)
from raw_loaders.errors import RetriableError
from raw_loaders.replays import RejectedGroup, list_rejected


@click.command()
def status() -> None:
    """Show per source what landed, waits and was rejected, and the last build.

    Waiting are files in the landing place that have not landed to their end as they are now,
    and entries of Redis streams; a rejected line that a replay landed is not in quarantine any
    more. Times are in CASEBOOK_TIMEZONE.
    """
    settings = load_settings()
    if settings.is_embedded and EmbeddedPostgres(settings.home).url() is None:
        click.echo(f"Nothing has been started in {settings.home} yet: try `casebook run`.")
        return
    with open_database(settings).connect(role="loader") as connection:
        sources = {status.source: status for status in read_sources(connection)}
        count_files = partial(count_waiting_objects, connection, settings.landing, SOURCES)
        waiting = {"files waiting": _count_if_answered(count_files)}
        rejections = [group for group in list_rejected(connection) if group.waiting]
        losses = read_stream_losses(connection)
        build = read_last_build(connection)
    if settings.redis_url is not None:
        count_stream = partial(count_waiting_entries, settings.redis_url, SOURCES)
        waiting["entries waiting"] = _count_if_answered(count_stream)
    console = Console()
    console.print(_source_table(settings, sources, rejections, waiting))
    if rejections:
        console.print(_rejection_table(settings, rejections))
    for stream, count, noticed_at in losses:
        click.echo(
            f"Lost: {count:,} entries of the Redis stream {stream} were trimmed before they were "
            f"read, last noticed {_local(settings, noticed_at)}."
        )
    click.echo(_build_sentence(settings, build))


def _count_if_answered(count: Callable[[], dict[str, int]]) -> dict[str, int]:
    """Count what waits per source; say so where the one who is asked does not answer."""
    try:
        return count()
    except RetriableError as error:
        click.echo(f"How much waits is not known: {error}")
        return {}


def _source_table(
    settings: Settings,
    sources: dict[str, SourceStatus],
    rejections: list[RejectedGroup],
    waiting: dict[str, dict[str, int]],
) -> Table:
    table = Table(title="Landed", title_justify="left")
    table.add_column("source")
    for name in ("files", "events", "duplicates", "quarantined", *waiting):
        table.add_column(name, justify="right")
    table.add_column("last landed")
    due = {source for counts in waiting.values() for source, count in counts.items() if count}
    for name in sorted({*sources, *due}):
        status = sources.get(name)
        counts = (
            (
                status.object_count,
                status.landed_count,
                status.duplicate_count,
                sum(group.waiting for group in rejections if group.source == name),
            )
            if status
            else (0, 0, 0, 0)
        )
        last = _local(settings, status.last_loaded_at) if status else "never"
        # Blank where it is not known, or where nothing can wait.
        waits = [f"{count[name]:,}" if name in count else "" for count in waiting.values()]
        table.add_row(name, *(f"{count:,}" for count in counts), *waits, last)
    return table


def _rejection_table(settings: Settings, rejections: list[RejectedGroup]) -> Table:
    table = Table(title="Quarantine", title_justify="left")
    table.add_column("source")
    table.add_column("reason")
    table.add_column("lines", justify="right")
    table.add_column("last")
    for group in rejections:
        last = _local(settings, group.last_at)
        table.add_row(group.source, group.reason, f"{group.waiting:,}", last)
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
