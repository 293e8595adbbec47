"""What a client says it counted itself, kept beside its events to hold them against.

No event: it is skipped and counted like the rest of its kind, and what a client counts over
again is more of the same. A measure is cumulative since its process began.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from raw_loaders.times import from_micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import psycopg


class Measure(NamedTuple):
    """Counts of one session by one process; times are microseconds since 2000-01-01 UTC."""

    session_id: str
    # When the process first counted anything, which tells it from others.
    started: int
    measured: int
    counts: Mapping[str, int]


def insert_measures(
    connection: psycopg.Connection, load_id: int, measures: Iterable[Measure]
) -> None:
    """Add what is not there; a measure that came before stays as it was."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into staging.raw_qwen_code_metrics"
            " (load_id, session_id, started_at, measured_at, counts)"
            " values (%s, %s, %s, %s, %s) on conflict do nothing",
            [
                (
                    load_id,
                    measure.session_id,
                    from_micros(measure.started),
                    from_micros(measure.measured),
                    msgspec.json.encode(measure.counts).decode(),
                )
                for measure in measures
            ],
        )
