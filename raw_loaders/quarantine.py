"""Writes rejected lines: what and where for everybody, their bytes for a few and not for long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from raw_loaders.chunks import Line, Rejection
from raw_loaders.rows import provenance_of, split_fields

if TYPE_CHECKING:
    import psycopg

    from raw_loaders.chunks import Chunk
    from raw_loaders.rows import Row
    from raw_loaders.sources import Source
    from raw_loaders.times import LocalDays

# How long the bytes of rejected lines are kept.
KEEP_BYTES_FOR = timedelta(days=30)


def reject_row(
    chunk: Chunk, row: Row, days: LocalDays, reason: str, detail: str
) -> tuple[Line, Rejection]:
    """Return the line of a row that does not land after all."""
    producer, name, quarter = row[1]
    number, sequence, _, _, boot = split_fields(provenance_of(row))
    rejection = Rejection(
        reason=reason,
        detail=detail,
        producer=producer,
        event_name=name,
        event_date=days.of_quarter(quarter),
        boot=None if boot is None else boot.decode(),
        sequence=None if sequence is None else int.from_bytes(sequence, "big"),
    )
    return chunk.find_line(int.from_bytes(number or b"", "big")), rejection


def insert_quarantine(
    connection: psycopg.Connection,
    source: Source,
    load_id: int,
    object_id: int,
    rejected: Sequence[tuple[Line, Rejection]],
) -> None:
    """Insert rejected lines, their bytes where the source allows, their sequences."""
    if not rejected:
        return
    cursor = connection.cursor()
    cursor.execute(
        "select nextval(pg_get_serial_sequence('staging.quarantine', 'quarantine_id'))"
        " from generate_series(1, %s)",
        (len(rejected),),
    )
    numbered = [
        (quarantine_id, line, rejection)
        for (quarantine_id,), (line, rejection) in zip(cursor.fetchall(), rejected, strict=True)
    ]
    with cursor.copy(
        "copy staging.quarantine (quarantine_id, load_id, source, object_id, line_number,"
        " byte_offset, byte_length, sha256, reason, detail) from stdin"
    ) as copy:
        for quarantine_id, line, rejection in numbered:
            copy.write_row(
                (
                    quarantine_id,
                    load_id,
                    source.name,
                    object_id,
                    line.number,
                    line.offset,
                    line.length,
                    line.sha256,
                    rejection.reason,
                    rejection.detail,
                )
            )
    if source.catalogue.keeps_rejected_bytes:
        _insert_bytes(cursor, numbered)
    _insert_sequences(cursor, load_id, [rejection for _, rejection in rejected])


def insert_replays(
    connection: psycopg.Connection, load_id: int, quarantine_ids: Sequence[int]
) -> None:
    """Note that rejected lines were landed after all; the second time is an error."""
    if quarantine_ids:
        connection.execute(
            "insert into staging.quarantine_replays (quarantine_id, load_id)"
            " select quarantine_id, %s from unnest(%s::bigint[]) as replayed (quarantine_id)",
            (load_id, list(quarantine_ids)),
        )


def _insert_bytes(cursor: psycopg.Cursor, numbered: Iterable[tuple[int, Line, Rejection]]) -> None:
    row = cursor.execute("select now() + %s", (KEEP_BYTES_FOR,)).fetchone()
    assert row is not None  # noqa: S101 - a select without from gives a row
    with cursor.copy(
        "copy staging.quarantine_raw (quarantine_id, raw_bytes, expires_at) from stdin"
    ) as copy:
        for quarantine_id, line, _ in numbered:
            if line.raw is not None:
                copy.write_row((quarantine_id, line.raw, row[0]))


def _insert_sequences(
    cursor: psycopg.Cursor, load_id: int, rejections: Iterable[Rejection]
) -> None:
    with cursor.copy(
        "copy staging.rejected_sequences (load_id, producer, boot, sequence, event_date) from stdin"
    ) as copy:
        for rejection in rejections:
            if rejection.producer is not None and rejection.sequence is not None:
                copy.write_row(
                    (
                        load_id,
                        rejection.producer,
                        rejection.boot,
                        rejection.sequence,
                        rejection.event_date,
                    )
                )


def expire_raw_quarantine(connection: psycopg.Connection) -> int:
    """Delete the bytes of rejected lines whose 30 days are over; gives their number.

    What and where they were stays in `staging.quarantine`. Needs the role `eraser`.
    """
    return connection.execute(
        "delete from staging.quarantine_raw where expires_at <= now()"
    ).rowcount
