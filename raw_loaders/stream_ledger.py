"""What the warehouse knows of Redis streams: batches, what of them is committed, losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from raw_loaders.redis_entries import id_number, split_digests

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import psycopg

    from raw_loaders.redis_entries import Entry

# Of those batches in which some ids can be at all, by an index: not of all there ever were.
_COMMITTED = """
select life, entry_ids, entry_digests
from staging.stream_batches
inner join staging.objects using (sha256)
inner join staging.loads using (object_id)
where
    stream = %s
    and last_id >= %s
    and first_id <= %s
    and source = %s
    and is_last
    and not is_replay
"""


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

    def committed(self, stream: str, entries: Sequence[Entry]) -> set[str]:
        """See `StreamLedger`."""
        ids = {entry.digest: entry.id for entry in entries}
        return {
            ids[digest]
            for _, _, digests in self._committed_batches(stream, list(ids.values()))
            for digest in split_digests(digests)
            if digest in ids
        }

    def committed_ids(self, stream: str, life: str, ids: Collection[str]) -> set[str]:
        """See `StreamLedger`."""
        return {
            entry_id
            for batch_life, entry_ids, _ in self._committed_batches(stream, ids)
            if batch_life == life
            for entry_id in set(entry_ids).intersection(ids)
        }

    def _committed_batches(
        self, stream: str, ids: Collection[str]
    ) -> Iterable[tuple[str, list[str], bytes]]:
        """Give life, ids and digests of landed batches that may have some of these ids."""
        if not ids:
            return ()
        numbers = [id_number(one) for one in ids]
        return self._connection.execute(
            _COMMITTED, (stream, min(numbers), max(numbers), self._source)
        )

    def record_batch(self, stream: str, life: str, entries: Sequence[Entry], sha256: str) -> None:
        """See `StreamLedger`."""
        self._connection.execute(
            "insert into staging.stream_batches"
            " (stream, sha256, life, entry_ids, entry_digests, first_id, last_id)"
            " values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
            (
                stream,
                sha256,
                life,
                [entry.id for entry in entries],
                b"".join(entry.digest for entry in entries),
                id_number(entries[0].id),
                id_number(entries[-1].id),
            ),
        )

    def record_losses(self, stream: str, losses: dict[str, int]) -> int:
        """See `StreamLedger`."""
        rows = self._connection.execute(
            "insert into staging.stream_losses (stream, lost_from, entry_count)"
            " select %s, lost.lost_from, lost.entry_count"
            " from unnest(%s::text[], %s::bigint[]) as lost (lost_from, entry_count)"
            " on conflict do nothing returning entry_count",
            (stream, list(losses), list(losses.values())),
        )
        return sum(count for (count,) in rows)
