"""Entries of a Redis stream, as batches to land: one consumer group, one entry a line.

An entry is acknowledged, and deleted so that the stream does not fill, once it is committed.
What a dead consumer left is claimed; what it had committed is only acknowledged. Entries that
somebody trimmed before they were read are counted. One loader at a time reads a stream, so
whatever is pending when it starts was left by a dead one.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, Protocol

from raw_loaders.carriers import Content
from raw_loaders.errors import ObjectError
from raw_loaders.failpoints import BEFORE_ACK, reach
from raw_loaders.lines import MAX_LINE_BYTES, Block, LongLine
from raw_loaders.redis_clients import GROUP, group_gone, named_errors, open_client
from raw_loaders.redis_entries import READ, Entry, read_entry

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

CONSUMER = "loader"
# Entries of a batch, which is one transaction: pending entries may come again in other batches,
# so that a batch is committed, or nothing of it.
BATCH_ENTRIES = 10_000


class StreamLedger(Protocol):
    """What the warehouse knows of a stream."""

    def has_batches(self, stream: str) -> bool:
        """Whether anything of it was ever landed."""
        ...

    def committed(self, stream: str, ids: Sequence[str]) -> set[str]:
        """Which of these entries are landed."""
        ...

    def record_batch(self, stream: str, ids: Sequence[str], sha256: str) -> None:
        """Note which entries a batch has, before it is landed."""
        ...

    def record_losses(self, stream: str, losses: dict[str, int]) -> int:
        """Note how many entries were lost and from where on; return how many are new."""
        ...


class Batch:
    """Some entries of the stream, in the order of their ids."""

    age_seconds = float("inf")
    signature = None
    lands_at_once = True

    def __init__(self, stream: Stream, entries: Sequence[Entry]) -> None:
        self._stream = stream
        self._entries = entries
        self.name = f"{stream.key} {entries[0].id} {entries[-1].id}"
        self.bytes = sum(len(entry.line) for entry in entries)

    def identify(self, prefix_sizes: Collection[int]) -> Content:
        """See `Delivery`: of the ids and the lines. Notes the ids in the ledger."""
        digest = hashlib.sha256()
        for entry in self._entries:
            digest.update(entry.id.encode() + b" " + entry.line + b"\n")
        sha256 = digest.hexdigest()
        self._stream.note(self._entries, sha256)
        return Content(sha256=sha256, bytes=self.bytes, prefixes={})

    def read(self, offset: int, max_line_bytes: int | None = None) -> Iterator[Block | LongLine]:
        """See `Delivery`."""
        lines: list[bytes] = []
        start = position = 0
        for entry in self._entries:
            line = entry.line
            end = position + len(line) + 1
            if len(line) > MAX_LINE_BYTES:
                if lines:
                    yield Block(start, lines, position)
                yield LongLine(position, len(line), hashlib.sha256(line).hexdigest(), end)
                start, lines = end, []
            else:
                lines.append(line)
            position = end
        if lines and offset < position:
            yield Block(start, lines, position)

    def acknowledge(self) -> None:
        """See `Delivery`."""
        reach(BEFORE_ACK)
        self._stream.acknowledge([entry.id for entry in self._entries])


class Stream:
    """The stream of one source; see `Carrier`.

    Its errors are `RetriableError` when Redis is away, `ObjectError` when the group is, and
    `SettingsError` when the URL is none of a Redis.
    """

    def __init__(self, url: str, source: str, ledger: StreamLedger) -> None:
        self.key = stream_key(source)
        self.lost = 0
        # Of the stream from its making until FLUSHALL: another one may have the same ids.
        self._life = ""
        self._losses_key = f"{{{self.key}}}:losses"
        self._ledger = ledger
        self._client = open_client(url, self.key, timeout_seconds=30)
        self._read = self._client.register_script(READ)

    def find(self) -> Iterator[Batch | ObjectError]:
        """Yield what dead consumers left, then what is new."""
        try:
            with named_errors(self.key):
                if not self._ensure_group():
                    return
                life: Any = self._client.hget(self._losses_key, "life")
                self._life = (life or b"").decode()
            yield from self._claim()
            while entries := self._read_new():
                yield Batch(self, entries)
        except ObjectError as error:
            yield error
        finally:
            self._client.close()

    def note(self, entries: Sequence[Entry], sha256: str) -> None:
        """Put the entries of a batch into the ledger."""
        self._ledger.record_batch(self.key, self._named([entry.id for entry in entries]), sha256)

    def acknowledge(self, ids: Sequence[str]) -> None:
        """Acknowledge and delete committed entries."""
        with named_errors(self.key):
            pipeline = self._client.pipeline(transaction=True)
            pipeline.xack(self.key, GROUP, *ids)
            pipeline.xdel(self.key, *ids)
            pipeline.execute()

    def _ensure_group(self) -> bool:
        """Create the group the first time; False when there is no stream yet."""
        if not self._client.exists(self.key):
            if self._ledger.has_batches(self.key):
                raise group_gone(self.key)
            return False
        groups = {group["name"] for group in self._client.xinfo_groups(self.key)}
        if GROUP.encode() not in groups:
            if self._ledger.has_batches(self.key):
                raise group_gone(self.key)
            self._client.xgroup_create(self.key, GROUP, id="0", entries_read=0)
        return True

    def _claim(self) -> Iterator[Batch]:
        start: Any = "0-0"
        while True:
            with named_errors(self.key):
                start, claimed, deleted = self._client.xautoclaim(
                    self.key,
                    GROUP,
                    CONSUMER,
                    min_idle_time=0,
                    start_id=start,
                    count=BATCH_ENTRIES,
                )
            self._note_deleted([raw_id.decode() for raw_id in deleted])
            entries = [
                read_entry(raw_id, [text for pair in fields.items() for text in pair])
                for raw_id, fields in claimed
                if raw_id is not None
            ]
            if entries:
                done = self._committed([entry.id for entry in entries])
                if done:
                    self.acknowledge(sorted(done))
                left = [entry for entry in entries if entry.id not in done]
                if left:
                    yield Batch(self, left)
            if start in (b"0-0", "0-0"):
                return

    def _note_deleted(self, ids: Sequence[str]) -> None:
        """Count entries that were delivered, trimmed, and never committed."""
        names = self._named([f"entry {one}" for one in set(ids) - self._committed(ids)])
        self.lost += self._ledger.record_losses(self.key, dict.fromkeys(names, 1))

    def _committed(self, ids: Sequence[str]) -> set[str]:
        named = dict(zip(self._named(ids), ids, strict=True))
        return {named[name] for name in self._ledger.committed(self.key, list(named))}

    def _named(self, names: Sequence[str]) -> list[str]:
        """Give what the ledger calls something of this life; one that it knew before has none."""
        return [f"{self._life} {name}".lstrip() for name in names]

    def _read_new(self) -> list[Entry]:
        with named_errors(self.key):
            answer: Any = self._read(
                keys=[self.key, self._losses_key],
                args=[GROUP, CONSUMER, BATCH_ENTRIES, secrets.token_hex(8)],
            )
            losses: dict[bytes, bytes] = self._client.hgetall(self._losses_key)  # type: ignore[assignment]
        self._life = losses.pop(b"life", b"").decode()
        counts = {f"ordinal {k.decode()}": int(v) for k, v in losses.items() if k.isdigit()}
        self.lost += self._ledger.record_losses(
            self.key, dict(zip(self._named(list(counts)), counts.values(), strict=True))
        )
        return [read_entry(raw_id, fields) for raw_id, fields in answer]


def count_entries(url: str, source: str) -> int:
    """Count the entries that wait in the stream of a source.

    Raises `RetriableError` when Redis is away and `SettingsError` when its URL is none.
    """
    key = stream_key(source)
    with open_client(url, key, timeout_seconds=10) as client, named_errors(key):
        return int(client.xlen(key))


def stream_key(source: str) -> str:
    """Return the key of a source's stream."""
    return f"casebook:{source}"
