"""What the warehouse knows of Redis streams: batches, what of them is committed, losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from raw_loaders.redis_entries import id_milliseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from raw_loaders.redis_entries import Entry

# Of batches in which these ids can be at all, by an index: not of all there ever were.
_COMMITTED_ENTRIES = """
with

batches as (
    select life, sha256, entry_ids, entry_digests
    from staging.stream_batches
    where stream = %(stream)s and last_ms >= %(first_ms)s and first_ms <= %(last_ms)s
),

committed as (
    select life, entry_ids, entry_digests
    from batches
    inner join staging.objects using (sha256)
    inner join staging.loads using (object_id)
    where source = %(source)s and is_last and not is_replay
)

select entries.{column}
from committed
cross join unnest(entry_ids, entry_digests) as entries (entry_id, entry_digest)
where {condition}
"""
_BY_DIGEST = _COMMITTED_ENTRIES.format(
    column="entry_id", condition="entry_digest = any(%(digests)s::bytea[])"
)
_BY_ID = _COMMITTED_ENTRIES.format(
    column="entry_id", condition="life = %(life)s and entry_id = any(%(ids)s::text[])"
)


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
        digests = [entry.digest for entry in entries]
        return self._find(stream, [entry.id for entry in entries], _BY_DIGEST, {"digests": digests})

    def committed_ids(self, stream: str, life: str, ids: Sequence[str]) -> set[str]:
        """See `StreamLedger`."""
        return self._find(stream, ids, _BY_ID, {"life": life, "ids": list(ids)})

    def _find(
        self, stream: str, ids: Sequence[str], query: str, wanted: dict[str, object]
    ) -> set[str]:
        if not ids:
            return set()
        times = [id_milliseconds(one) for one in ids]
        bounds = {"first_ms": min(times), "last_ms": max(times)}
        parameters = {"stream": stream, "source": self._source} | bounds | wanted
        return {entry_id for (entry_id,) in self._connection.execute(query, parameters)}

    def record_batch(self, stream: str, life: str, entries: Sequence[Entry], sha256: str) -> None:
        """See `StreamLedger`."""
        self._connection.execute(
            "insert into staging.stream_batches"
            " (stream, sha256, life, entry_ids, entry_digests, first_ms, last_ms)"
            " values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
            (
                stream,
                sha256,
                life,
                [entry.id for entry in entries],
                [entry.digest for entry in entries],
                entries[0].milliseconds,
                entries[-1].milliseconds,
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
