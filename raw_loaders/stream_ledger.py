"""What the warehouse knows of Redis streams: batches, what of them is committed, losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg


class WarehouseStreamLedger:
    """The `redis_streams.StreamLedger` of a warehouse and a source."""

    def __init__(self, connection: psycopg.Connection, source: str) -> None:
        self._connection = connection
        self._source = source

    def has_batches(self, stream: str) -> bool:
        """See `StreamLedger`."""
        row = self._connection.execute(
            "select exists (select from staging.stream_batches where stream = %s)", (stream,)
        ).fetchone()
        return bool(row and row[0])

    def committed(self, stream: str, ids: Sequence[str]) -> set[str]:
        """See `StreamLedger`."""
        if not ids:
            return set()
        rows = self._connection.execute(
            "select entry_id from staging.stream_batches"
            " inner join staging.objects using (sha256)"
            " inner join staging.loads using (object_id)"
            " cross join unnest(stream_batches.entry_ids) as entries (entry_id)"
            " where stream = %s and source = %s and is_last and entry_id = any(%s)",
            (stream, self._source, list(ids)),
        )
        return {entry_id for (entry_id,) in rows}

    def record_batch(self, stream: str, ids: Sequence[str], sha256: str) -> None:
        """See `StreamLedger`."""
        self._connection.execute(
            "insert into staging.stream_batches (stream, sha256, entry_ids) values (%s, %s, %s)"
            " on conflict do nothing",
            (stream, sha256, list(ids)),
        )

    def record_losses(self, stream: str, losses: dict[str, int]) -> int:
        """See `StreamLedger`."""
        new = 0
        for lost_from, count in losses.items():
            cursor = self._connection.execute(
                "insert into staging.stream_losses (stream, lost_from, entry_count)"
                " values (%s, %s, %s) on conflict do nothing",
                (stream, lost_from, count),
            )
            new += count * cursor.rowcount
        return new
