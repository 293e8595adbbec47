"""Lands the back office's changed rows: one batch, one object of the ledger, one transaction."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

import msgspec

from raw_loaders.ai_admin.ledger import (
    SOURCE,
    count_landed_rows,
    find_landed,
    find_landed_ids,
    find_position,
    horizon_to_read_from,
    is_restored,
    record_position,
)
from raw_loaders.ai_admin.reading import (
    BATCH_ROWS,
    open_back_office,
    read_batches,
    read_instant,
    read_tables,
)
from raw_loaders.ai_admin.versions import add_version, deletions, new_versions, redact_row
from raw_loaders.chunks import Chunk, Position
from raw_loaders.errors import ObjectError
from raw_loaders.landing import Lander
from raw_loaders.ledger import Version as ObjectVersion
from raw_loaders.ledger import register, stream_locked
from raw_loaders.load_reports import LoadReport, Progress
from raw_loaders.redaction import Redactor
from raw_loaders.sources import find_source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import psycopg

    from raw_loaders.ai_admin.reading import Instant, SourceRow
    from raw_loaders.ai_admin.tables import Table
    from raw_loaders.ai_admin.versions import Payload, Version
    from raw_loaders.load_reports import LoadOptions


def load_back_office(
    connection: psycopg.Connection,
    options: LoadOptions,
    on_progress: Callable[[Progress], None] | None = None,
) -> LoadReport:
    """Land what changed in the back office since the last time; nothing without its URL.

    Read counts versions: rows that say what they said are not read again. Raises
    `RetriableError` when the back office fails.
    """
    started = time.monotonic()
    loader = _BackOfficeLoader(connection, options, on_progress or (lambda _: None))
    if options.ai_admin_url is not None:
        with stream_locked(connection, SOURCE):
            loader.load(options.ai_admin_url)
    loader.report.seconds = time.monotonic() - started
    return loader.report


class _BackOfficeLoader:
    """One run over the back office's tables."""

    def __init__(
        self,
        connection: psycopg.Connection,
        options: LoadOptions,
        on_progress: Callable[[Progress], None],
    ) -> None:
        self._connection = connection
        source = find_source(SOURCE)
        self._catalogue = source.catalogue
        # Of the ledger's objects: one name a table, with the database's before it.
        self._database = ""
        self._lander = Lander(connection, source, options.timezone, options.keys.key_id)
        self._redactor = Redactor(options.keys)
        self._on_progress = on_progress
        self.report = LoadReport(source=SOURCE)

    def load(self, url: str) -> None:
        """Load every table; one that cannot be read leaves the others."""
        with open_back_office(url) as back_office:
            self._database = back_office.info.dbname
            for table in read_tables(back_office, self._catalogue):
                if isinstance(table, ObjectError):
                    self.report.failed.append(str(table))
                    continue
                # One snapshot a table.
                with back_office.transaction():
                    self._load_table(back_office, table)

    def _load_table(self, back_office: psycopg.Connection, table: Table) -> None:
        instant = read_instant(back_office)
        position = find_position(self._connection, table.name)
        horizon = horizon_to_read_from(position, instant) if table.is_read_by_change else None
        seen: set[str] = set()
        count, landed_before = 0, self.report.read
        for rows in read_batches(back_office, table, horizon):
            ids = self._land_changed(table, rows, instant)
            count += len(ids)
            if not table.is_read_by_change:
                seen.update(ids)
        if not table.is_read_by_change:
            self._land_gone(table, seen, instant)
        was_restored = position is not None and is_restored(position, instant)
        if was_restored:
            self._notice_restore(table, count)
        # Without news the old position serves as well: whatever comes is after it. A row at each
        # look would be without bound.
        has_news = count > 0 if table.is_read_by_change else self.report.read > landed_before
        if position is None or was_restored or has_news:
            record_position(self._connection, table.name, instant)

    def _land_changed(self, table: Table, rows: Sequence[SourceRow], instant: Instant) -> list[str]:
        """Land one batch; return the ids of its rows."""
        redacted = self._redact(table, rows)
        ids = [row_id for row_id, *_ in redacted]
        landed = find_landed(self._connection, table.name, ids)
        versions = list(new_versions(table, redacted, landed, instant.read_at))
        self._land(table, versions)
        return ids

    def _land_gone(self, table: Table, seen: set[str], instant: Instant) -> None:
        """Land what a table does not have any more of which every row was seen."""
        gone = sorted(find_landed_ids(self._connection, table.name) - seen)
        for start in range(0, len(gone), BATCH_ROWS):
            landed = find_landed(self._connection, table.name, gone[start : start + BATCH_ROWS])
            self._land(table, list(deletions(table, landed, seen, instant.read_at)))

    def _redact(
        self, table: Table, rows: Sequence[SourceRow]
    ) -> list[tuple[str, Payload, tuple[str, ...]]]:
        """Give each row's id, what may be stored of it, and what is broken in it."""
        return [
            (table.row_id(row, self._redactor), *redact_row(table, row, self._redactor))
            for row in rows
        ]

    def _land(self, table: Table, versions: Sequence[Version]) -> None:
        if not versions:
            return
        lines = [msgspec.json.encode(version.payload) for version in versions]
        chunk = Chunk(0, len(versions), len(versions), is_last=True)
        chunk.keep(1, 0, b"\n".join(lines), len(lines))
        digest = hashlib.sha256()
        for number, version in enumerate(versions, 1):
            identity = add_version(version, number, chunk)
            digest.update(chunk.rows[identity][0])
            # A column that nobody catalogued is drift: told once a batch, not once a row.
            unknown = table.unknown_columns if number == 1 else ()
            chunk.flag(identity, version.violations, unknown)
        batch, _ = register(
            self._connection,
            SOURCE,
            ObjectVersion(
                object_id=0,
                name=f"{SOURCE}/{self._database}.biz.{table.name}",
                sha256=digest.hexdigest(),
                bytes=sum(map(len, lines)),
            ),
            Position(0, 0),
        )
        self.report.add(self._lander.land(batch.object_id, chunk))
        self.report.objects_landed += 1
        self.report.bytes += batch.bytes
        self._on_progress(
            Progress(
                object=batch.name,
                bytes_done=self.report.bytes,
                bytes_total=self.report.bytes,
                read=self.report.read,
            )
        )

    def _notice_restore(self, table: Table, seen: int) -> None:
        sentence = (
            f"The back office's database was restored or replaced since biz.{table.name} was "
            "read: all of it was read again."
        )
        missing = count_landed_rows(self._connection, table.name) - seen
        if table.is_read_by_change and missing > 0:
            sentence += (
                f" {missing} rows that landed before are not in it any more; they stay in the "
                "warehouse, and a row that takes the id of one becomes its next version."
            )
        self.report.noticed.append(sentence)
