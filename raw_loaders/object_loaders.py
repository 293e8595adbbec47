"""Lands the deliveries of a source's carriers, each from where the ledger left it."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from raw_loaders.chunks import Position, RecallingDecoder, cut_chunks, recall_lines
from raw_loaders.compression import is_compressed
from raw_loaders.errors import ObjectError
from raw_loaders.files import Directory
from raw_loaders.landing import Lander
from raw_loaders.ledger import (
    Version,
    find_newest_name,
    find_progress,
    is_seen_since,
    latest_version,
    locked,
    moved_versions,
    name_locked,
    note_name,
    note_signatures,
    read_signatures,
    register,
    stream_locked,
)
from raw_loaders.load_reports import LoadOptions, LoadReport, Progress
from raw_loaders.occurrences import recall_start
from raw_loaders.prefetching import prefetched
from raw_loaders.redis_streams import Stream
from raw_loaders.s3_objects import Bucket
from raw_loaders.stream_ledger import WarehouseStreamLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from raw_loaders.carriers import Carrier, Delivery
    from raw_loaders.chunks import Decoder
    from raw_loaders.sources import Source

# What ends in half a line and got no byte for this long will not get the rest: the half line
# is then looked at like any other.
ABANDONED_SECONDS = 86_400.0
# Objects that are forgotten to have landed when a loader is killed: the next one reads them to
# know it. A commit for each took as long as landing a hundred lines.
NOTED_OBJECTS = 100
# Something written to this recently may change again within the resolution of its clock.
FRESH_SECONDS = 2.0


def landing_carrier(landing: str, source: str) -> Carrier:
    """Return the carrier of a source's objects in a directory or below an s3:// URL."""
    if landing.startswith("s3://"):
        return Bucket(landing, source)
    return Directory(Path(landing), source)


class ObjectLoader:
    """One run over one source, over one connection in autocommit mode."""

    def __init__(
        self,
        connection: psycopg.Connection,
        source: Source,
        options: LoadOptions,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.source = source
        self.report = LoadReport(source=source.name)
        self._connection = connection
        self._options = options
        self._on_progress = on_progress
        self._bytes_total = 0
        # Of objects that have landed to their end, by name, and are not noted yet.
        self._signatures: dict[str, str] = {}
        # Of all that were known before anything was listed.
        self._newest_name_id = find_newest_name(connection)
        # What may go on under another name: seen last under names that are gone or changed.
        self._moved: list[Version] = []
        self._lander = Lander(connection, source, options.timezone, options.keys.key_id)

    def load_files(self) -> None:
        """Land the objects of the landing directory or bucket."""
        due = list(self._due(landing_carrier(self._options.landing, self.source.name)))
        self._bytes_total = sum(delivery.bytes for delivery in due)
        held = [delivery for delivery in due if not self.load(delivery, is_waiting=False)]
        # What other loaders are at: wait for them, and do what they left.
        for delivery in held:
            self.load(delivery, is_waiting=True)
        self._note_signatures()

    def load_stream(self, url: str) -> None:
        """Land the entries of the source's Redis stream."""
        ledger = WarehouseStreamLedger(self._connection, self.source.name)
        with stream_locked(self._connection, self.source.name):
            stream = Stream(url, self.source.name, ledger)
            for delivery in stream.find():
                if isinstance(delivery, ObjectError):
                    self.report.failed.append(str(delivery))
                else:
                    self.load(delivery, is_waiting=True)
        if stream.lost:
            self.report.lost += stream.lost
            self.report.noticed.append(
                f"{stream.lost} entries of the Redis stream {stream.key} were trimmed before "
                "they were read: they are lost."
            )

    def load(self, delivery: Delivery, *, is_waiting: bool) -> bool:
        """Land a delivery; False when another loader is at it and it is not waited for."""
        try:
            with name_locked(
                self._connection, self.source.name, delivery.name, is_waiting=is_waiting
            ) as is_free:
                return is_free and self._load_version(delivery, is_waiting=is_waiting)
        except ObjectError as error:
            self.report.failed.append(str(error))
            return True

    def _load_version(self, delivery: Delivery, *, is_waiting: bool) -> bool:
        version = self._register(delivery)
        if version is None:
            self.report.objects_waiting += 1
            return True
        # Under another name its content may be known, and be landed by another loader.
        with locked(self._connection, version.object_id, is_waiting=is_waiting) as is_held:
            if is_held:
                self._land(delivery, version)
            return is_held

    def _due(self, carrier: Carrier) -> Iterator[Delivery]:
        """Yield what is to be read; the rest is counted."""
        seen = read_signatures(self._connection, self.source.name)
        unchanged: list[str] = []
        is_any_due = False
        for found in carrier.find():
            if isinstance(found, ObjectError):
                self.report.failed.append(str(found))
            elif found.signature is not None and seen.get(found.name) == found.signature:
                self.report.objects_skipped += 1
                unchanged.append(found.name)
            elif found.age_seconds < self._options.settle_seconds:
                self.report.objects_waiting += 1
            else:
                is_any_due = True
                yield found
        if is_any_due:
            self._moved = moved_versions(self._connection, self.source.name, unchanged)

    def _register(self, delivery: Delivery) -> Version | None:
        """Put the content into the ledger; an appended object goes on where it was left.

        None when another loader has landed another version since this one was listed: only the
        next listing tells which of them is the later one.
        """
        before = latest_version(self._connection, self.source.name, delivery.name)
        candidates = self._moved if before is None else [*self._moved, before]
        content = delivery.identify({version.bytes for version in candidates})
        continued = max(
            (one for one in candidates if content.prefixes.get(one.bytes) == one.sha256),
            key=attrgetter("bytes"),
            default=None,
        )
        is_other = before is not None and before.sha256 != content.sha256 and continued is None
        if is_other and is_seen_since(
            self._connection, self.source.name, delivery.name, self._newest_name_id
        ):
            return None
        start = Position(0, 0)
        if continued is not None:
            start = find_progress(self._connection, continued.object_id).position
        seen = Version(object_id=0, name=delivery.name, sha256=content.sha256, bytes=content.bytes)
        with self._connection.transaction():
            version, is_new = register(self._connection, self.source.name, seen, start, continued)
            if before is None or before.object_id != version.object_id:
                note_name(self._connection, self.source.name, delivery.name, version.object_id)
        if is_new and is_other:
            self.report.noticed.append(
                f"{delivery.name} was rewritten or truncated; it is landed as a new object."
            )
        return version

    def _land(self, delivery: Delivery, version: Version) -> None:
        progress = find_progress(self._connection, version.object_id)
        if progress.is_complete:
            self.report.objects_skipped += 1
            self._finish(delivery)
            return
        is_whole = is_landed = False
        decoder = self._new_decoder()
        limit = self.source.max_line_bytes
        if progress.position.offset and isinstance(decoder, RecallingDecoder):
            start = recall_start(progress.position.offset)
            recall_lines(delivery.read(start, limit), decoder, progress.position.offset)
        chunks = cut_chunks(
            delivery.read(progress.position.offset, limit),
            decoder,
            progress.position,
            takes_half_line=delivery.age_seconds > ABANDONED_SECONDS,
            lands_at_once=delivery.lands_at_once,
        )
        with prefetched(chunks) as ready:
            for chunk in ready:
                if chunk.read_count or chunk.skipped or chunk.is_last:
                    self.report.add(self._lander.land(version.object_id, chunk))
                    is_landed = True
                is_whole = chunk.is_last
                done = 0 if is_compressed(delivery.name) else chunk.end_offset
                # It must not lie in memory while the next one but one is made.
                del chunk
                self._tell(delivery.name, done)
        self.report.bytes += delivery.bytes
        self.report.objects_landed += is_landed
        if is_whole:
            self._finish(delivery)
        else:
            self.report.objects_waiting += 1

    def _finish(self, delivery: Delivery) -> None:
        """Remember that there is nothing left to do for a delivery."""
        delivery.acknowledge()
        if delivery.signature is not None and delivery.age_seconds >= FRESH_SECONDS:
            self._signatures[delivery.name] = delivery.signature
        if len(self._signatures) >= NOTED_OBJECTS:
            self._note_signatures()

    def _note_signatures(self) -> None:
        note_signatures(self._connection, self.source.name, self._signatures)
        self._signatures.clear()

    def _tell(self, name: str, bytes_done: int) -> None:
        if self._on_progress is not None:
            self._on_progress(
                Progress(
                    object=name,
                    bytes_done=self.report.bytes + bytes_done,
                    bytes_total=self._bytes_total,
                    read=self.report.read,
                )
            )

    def _new_decoder(self) -> Decoder:
        options = self._options
        return self.source.new_decoder(
            self.source.catalogue, options.keys, options.timezone, options.now()
        )
