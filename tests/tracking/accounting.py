"""What became of every event, from the raw rows that landed.

The reading that `data_quality_daily` gives, per boot: what is missing between the first
and the last sequence, and what the client itself declared as dropped.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

SQL = """
    select
        producer,
        boot,
        min(sequence) as first_sequence,
        max(sequence) as last_sequence,
        max(sequence) - min(sequence) + 1 - count(distinct sequence) as missing,
        coalesce(
            max((payload ->> 'dropped')::bigint) filter (where event_name = 'tracker.heartbeat'),
            0
        ) as declared,
        bool_or(event_name = 'tracker.heartbeat') as has_heartbeat
    from staging.raw_support_events
    group by producer, boot
"""


@dataclass(frozen=True)
class Boot:
    """One life of a process as the warehouse sees it."""

    producer: str
    boot: str
    first_sequence: int
    last_sequence: int
    missing: int
    declared: int
    has_heartbeat: bool


def read_boots(connection: psycopg.Connection) -> dict[str, Boot]:
    """Return the boots that landed, by their name."""
    rows = connection.execute(SQL).fetchall()
    return {row[1]: Boot(*row) for row in rows}
