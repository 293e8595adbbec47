"""Entries of a Redis stream, as batches to land: one consumer group, one entry a line.

An entry is acknowledged, and deleted so that the stream does not fill, once it is committed.
What a dead consumer left is claimed; what was committed before, though it comes again, is only
acknowledged. Entries that somebody trimmed before they were read are counted. One loader at a
time reads a stream, so whatever is pending when it starts was left by a dead one.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, Protocol

from raw_loaders.carriers import Content
from raw_loaders.chunks import CHUNK_BYTES
from raw_loaders.errors import ObjectError
from raw_loaders.failpoints import AFTER_READ, BEFORE_ACK, reach
from raw_loaders.lines import MAX_LINE_BYTES, Block, LongLine
from raw_loaders.redis_clients import GROUP, group_gone, named_errors, open_client
from raw_loaders.redis_entries import Entry, read_entry
from raw_loaders.redis_scripts import ACKNOWLEDGE, CLAIM, READ

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from redis.commands.core import Script

CONSUMER = "loader"
# Entries of a batch, which is one transaction: pending entries may come again in other batches,
# so that a batch is committed, or nothing of it.
BATCH_ENTRIES = 10_000
# Bytes of a batch, which is in memory whole; the entries that step over them belong to it.
BATCH_BYTES = CHUNK_BYTES


class StreamLedger(Protocol):
    """What the warehouse knows of a stream."""

    def has_batches(self, stream: str) -> bool:
        """Whether anything of it was ever landed."""
        ...

    def committed(self, stream: str, entries: Sequence[Entry]) -> set[str]:
        """Give the ids of those entries that are landed, told by their digests."""
        ...

    def committed_ids(self, stream: str, life: str, ids: Collection[str]) -> set[str]:
        """Give those ids under which an entry of this life is landed."""
        ...

    def record_batch(self, stream: str, life: str, entries: Sequence[Entry], sha256: str) -> None:
        """Note which entries a batch has, before it is landed."""
        ...

    def record_losses(self, stream: str, losses: dict[str, int]) -> int:
        """Note how many entries were lost, by what names them; return how many are new."""
        ...


class Batch:
    """Some entries of the stream, in the order of their ids."""

    age_seconds = float("inf")
    signature = None
    lands_at_once = True

    def __init__(self, stream: Stream, entries: Sequence[Entry]) -> None:
        self._stream = stream
        self._entries = entries
        # No two batches are versions of one object, whatever their ids.
        content = hashlib.blake2b(b"".join(entry.digest for entry in entries), digest_size=8)
        self.name = f"{stream.key} {entries[0].id} {entries[-1].id} {content.hexdigest()}"
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
        self._stream.acknowledge(self._entries)


class Stream:
    """The stream of one source; see `Carrier`.

    Its errors are `RetriableError` when Redis is away, `ObjectError` when the group is, and
    `SettingsError` when the URL is none of a Redis.
    """

    def __init__(self, url: str, source: str, ledger: StreamLedger) -> None:
        self.key = stream_key(source)
        self.lost = 0
        # Of the stream as it was read last; see redis_scripts.
        self._life = ""
        self._losses_key = f"{{{self.key}}}:losses"
        self._ledger = ledger
        self._client = open_client(url, self.key, timeout_seconds=30)
        self._claim = self._client.register_script(CLAIM)
        self._read = self._client.register_script(READ)
        self._acknowledge = self._client.register_script(ACKNOWLEDGE)

    def find(self) -> Iterator[Batch | ObjectError]:
        """Yield what dead consumers left, then what is new."""
        try:
            with named_errors(self.key):
                if not self._ensure_group():
                    return
            yield from self._find_claimed()
            yield from self._find_new()
        except ObjectError as error:
            yield error
        finally:
            self._client.close()

    def note(self, entries: Sequence[Entry], sha256: str) -> None:
        """Put the entries of a batch into the ledger."""
        self._ledger.record_batch(self.key, self._life, entries, sha256)

    def acknowledge(self, entries: Sequence[Entry]) -> None:
        """Acknowledge and delete committed entries."""
        reach(BEFORE_ACK)
        with named_errors(self.key):
            self._acknowledge(
                keys=[self.key, self._losses_key], args=[GROUP, *(entry.id for entry in entries)]
            )

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

    def _find_claimed(self) -> Iterator[Batch]:
        cursor: bytes | str = "0-0"
        while True:
            cursor, entries = self._run(self._claim, cursor)
            yield from self._batch(entries)
            if cursor == b"0-0":
                return

    def _find_new(self) -> Iterator[Batch]:
        while True:
            _, entries = self._run(self._read)
            if not entries:
                return
            yield from self._batch(entries)

    def _run(self, script: Script, *cursor: bytes | str) -> tuple[bytes, list[Entry]]:
        """Let Redis give entries and where to go on; put what was lost into the ledger."""
        with named_errors(self.key):
            answer: Any = script(
                keys=[self.key, self._losses_key],
                args=[
                    *(GROUP, CONSUMER, secrets.token_hex(8), BATCH_ENTRIES, BATCH_BYTES),
                    *cursor,
                ],
            )
        reach(AFTER_READ)
        life, losses, raw_entries, next_cursor = answer
        self._life = life.decode()
        counts = zip(losses[::2], losses[1::2], strict=True)
        self._record_losses({name.decode(): int(count) for name, count in counts})
        return next_cursor, [read_entry(raw_id, fields) for raw_id, fields in raw_entries]

    def _batch(self, entries: Sequence[Entry]) -> Iterator[Batch]:
        """Make a batch of what is not landed yet, if any; acknowledge the rest.

        Also new entries may be landed: a Redis that went back to an older state gives them again.
        """
        done = self._ledger.committed(self.key, entries)
        if done:
            self.acknowledge([entry for entry in entries if entry.id in done])
        left = [entry for entry in entries if entry.id not in done]
        if left:
            yield Batch(self, left)

    def _record_losses(self, losses: dict[str, int]) -> None:
        """Put losses into the ledger, then take them out of Redis."""
        if not losses:
            return
        lost = losses.copy()
        for life, ids in _vanished(losses).items():
            for one in self._ledger.committed_ids(self.key, life, ids):
                del lost[f"{life} entry {one}"]
        self.lost += self._ledger.record_losses(self.key, lost)
        with named_errors(self.key):
            self._client.hdel(self._losses_key, *losses)


def _vanished(losses: Iterable[str]) -> dict[str, list[str]]:
    """Give the ids of those that vanished after somebody had read them, by life."""
    ids: dict[str, list[str]] = {}
    for name in losses:
        life, kind, rest = name.split(" ", 2)
        if kind == "entry":
            ids.setdefault(life, []).append(rest)
    return ids


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
