"""`casebook sample`: write a made-up support centre's events, to try things out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orchestration.samples import centres, writers

if TYPE_CHECKING:
    from datetime import datetime

# No option may move the events to where the loaders reject them.
DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.command("sample")
@click.option("--days", default=centres.DEFAULT_DAYS, show_default=True, help="Local days.")
@click.option(
    "--sessions-per-day",
    default=float(centres.DEFAULT_SESSIONS_PER_DAY),
    show_default=True,
    help="Sessions on a mean day; one makes some twelve events.",
)
@click.option(
    "--seed", default=centres.DEFAULT_SEED, show_default=True, help="Same seed, same bytes."
)
@click.option(
    "--end",
    type=DATE,
    default=centres.DEFAULT_END.isoformat(),
    show_default=True,
    metavar="DATE",
    help="The last local day.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="A landing directory; files go to its folder support.",
)
@click.option(
    "--compression",
    type=click.Choice(writers.COMPRESSIONS),
    default="gz",
    show_default=True,
    help="Of the files.",
)
def sample(
    *,
    days: int,
    sessions_per_day: float,
    seed: int,
    end: datetime,
    out: Path,
    compression: writers.Compression,
) -> None:
    """Write a made-up support centre's events, faults included.

    The same options give the same bytes. CASEBOOK_TIMEZONE sets the rhythm of its days.
    """
    from orchestration.settings import load_settings  # noqa: PLC0415

    centre = centres.Centre(
        end=end.date(),
        days=days,
        sessions_per_day=sessions_per_day,
        seed=seed,
        zone=load_settings().timezone,
    )
    truth = writers.write_sample(centre, out, compression)
    rejected = truth.quarantined.total()
    click.echo(
        f"Wrote {truth.lines:,} lines to {out / 'support'}: {truth.delivered:,} events, "
        f"{truth.duplicates:,} duplicates, {rejected:,} lines to reject; "
        f"{truth.lost:,} events are lost and {truth.late:,} late."
    )
