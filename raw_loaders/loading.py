"""Loads what waits of a source: the one entry for the command line and Dagster."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from raw_loaders.chunks import Position, RecallingDecoder, cut_chunks, recall_lines
from raw_loaders.errors import ObjectError, RetriableError
from raw_loaders.files import LocalFile, list_files
from raw_loaders.landing import Lander
from raw_loaders.ledger import Version, find_progress, latest_version, locked, register
from raw_loaders.prefetching import prefetched
from raw_loaders.redaction import HashKeys
from raw_loaders.sources import Source, find_source

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from raw_loaders.chunks import Decoder
    from raw_loaders.landing import Landed

# A file that ends in half a line and got no byte for this long will not get the rest: the
# half line is then looked at like any other.
ABANDONED_SECONDS = 86_400.0
# Chunks decoded ahead of the one that is being landed.
CHUNKS_AHEAD = 2


@dataclass(frozen=True, kw_only=True)
class LoadOptions:
    """Where to load from and how. `landing` is a directory or an s3:// URL.

    `timezone` is the one days are counted in; a file younger than `settle_seconds` waits;
    `now` is what times of events are held against.
    """

    landing: str
    timezone: ZoneInfo
    keys: HashKeys
    settle_seconds: float = 5.0
    redis_url: str | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a load is: of stored bytes, `bytes_total` of all objects that are due."""

    object: str
    bytes_done: int
    bytes_total: int
    read: int


@dataclass(kw_only=True)
class LoadReport:
    """What a load did; conserves read = landed + duplicate + quarantined.

    `skipped` objects had landed before; `waiting` ones may still be being written; `failed`
    has a sentence for each that could not be read, `noticed` for each that was rewritten.
    """

    source: str
    objects_landed: int = 0
    objects_skipped: int = 0
    objects_waiting: int = 0
    failed: list[str] = field(default_factory=list)
    noticed: list[str] = field(default_factory=list)
    bytes: int = 0
    seconds: float = 0.0
    read: int = 0
    landed: int = 0
    duplicate: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)

    def add(self, landed: Landed) -> None:
        """Add what became of one chunk."""
        self.read += landed.read
        self.landed += landed.landed
        self.duplicate += landed.duplicate
        self.quarantined += landed.quarantined

    def raise_failures(self) -> None:
        """Raise `ObjectError` naming what could not be read, after all else was landed."""
        if self.failed:
            more = f" ({len(self.failed) - 1} more could not be read)"
            raise ObjectError(self.failed[0] + (more if len(self.failed) > 1 else ""))


def load_source(
    source: str,
    connect: Callable[[], psycopg.Connection],
    options: LoadOptions,
    on_progress: Callable[[Progress], None] | None = None,
) -> LoadReport:
    """Land everything of a source that is there and has not landed.

    Safe to kill, to repeat and to run beside itself. The report names what could not be
    read; `raise_failures` makes an error of it. Raises `RetriableError` when the database
    fails.
    """
    started = time.monotonic()
    loader = _Loader(find_source(source), options, on_progress or (lambda _: None))
    try:
        with connect() as connection:
            connection.autocommit = True
            loader.load_files(connection)
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "connection lost"
        raise RetriableError(
            f"The database failed while {source} was landed ({reason}); run it again."
        ) from error
    loader.report.seconds = time.monotonic() - started
    return loader.report


class _Loader:
    """One run over one source."""

    def __init__(
        self, source: Source, options: LoadOptions, on_progress: Callable[[Progress], None]
    ) -> None:
        self._source = source
        self._options = options
        self._on_progress = on_progress
        self.report = LoadReport(source=source.name)
        self._bytes_total = 0

    def load_files(self, connection: psycopg.Connection) -> None:
        files = list(self._due_files())
        self._bytes_total = sum(file.bytes for file in files)
        held = [file for file in files if not self._load_file(connection, file, is_last=False)]
        # What other loaders hold: wait for them, and do what they left.
        for file in held:
            self._load_file(connection, file, is_last=True)

    def _due_files(self) -> Iterator[LocalFile]:
        for found in list_files(Path(self._options.landing), self._source.name):
            if isinstance(found, ObjectError):
                self.report.failed.append(str(found))
            elif found.is_unfinished or found.age_seconds < self._options.settle_seconds:
                self.report.objects_waiting += 1
            else:
                yield found

    def _load_file(self, connection: psycopg.Connection, file: LocalFile, *, is_last: bool) -> bool:
        """Land a file; False when another loader is at it and it is not waited for."""
        try:
            version = self._register(connection, file)
            with locked(connection, version.object_id, is_waiting=is_last) as is_held:
                if is_held:
                    self._land(connection, file, version)
                return is_held
        except ObjectError as error:
            self.report.failed.append(str(error))
            return True

    def _register(self, connection: psycopg.Connection, file: LocalFile) -> Version:
        """Return the file's content in the ledger; an appended file goes on where it was left."""
        before = latest_version(connection, self._source.name, file.name)
        content = file.identify(before.bytes if before else None)
        start = Position(0, 0)
        if before is not None and before.sha256 != content.sha256:
            if content.prefix_sha256 == before.sha256:
                start = find_progress(connection, before.object_id).position
            else:
                self.report.noticed.append(
                    f"{file.name} was rewritten or truncated; it is landed as a new object."
                )
        version = Version(object_id=0, name=file.name, sha256=content.sha256, bytes=content.bytes)
        return register(connection, self._source.name, version, start)

    def _land(self, connection: psycopg.Connection, file: LocalFile, version: Version) -> None:
        progress = find_progress(connection, version.object_id)
        if progress.is_complete:
            self.report.objects_skipped += 1
            return
        decoder = self._new_decoder()
        if progress.position.offset and isinstance(decoder, RecallingDecoder):
            recall_lines(file.read(0), decoder, progress.position.offset)
        lander = Lander(connection, self._source, self._options.timezone, self._options.keys.key_id)
        is_landed = is_waiting = False
        pieces = file.read(progress.position.offset)
        is_abandoned = file.age_seconds > ABANDONED_SECONDS
        chunks = cut_chunks(pieces, decoder, progress.position, takes_half_line=is_abandoned)
        with prefetched(chunks, CHUNKS_AHEAD) as ready:
            for chunk in ready:
                if chunk.read_count or chunk.is_last:
                    self.report.add(lander.land(version.object_id, chunk))
                    is_landed = True
                is_waiting = not chunk.is_last
                self._on_progress(
                    Progress(
                        object=file.name,
                        bytes_done=self.report.bytes,
                        bytes_total=self._bytes_total,
                        read=self.report.read,
                    )
                )
        self.report.bytes += file.bytes
        self.report.objects_landed += is_landed
        self.report.objects_waiting += is_waiting

    def _new_decoder(self) -> Decoder:
        options = self._options
        return self._source.new_decoder(
            self._source.catalogue, options.keys, options.timezone, options.now()
        )
