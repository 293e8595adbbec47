"""The quarantine, looked into and replayed: after a fix, what is now valid lands, once.

Neither ledger nor quarantine is changed: a replay is a load of its own, and
`quarantine_replays` says which rejected lines it landed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

import psycopg

from raw_loaders.chunks import CHUNK_BYTES, Chunk, HoldingDecoder
from raw_loaders.errors import CasebookError, ObjectError, RetriableError, name_database_error
from raw_loaders.landing import Lander
from raw_loaders.ledger import find_names
from raw_loaders.object_loaders import landing_carrier
from raw_loaders.rereading import Rereader
from raw_loaders.sources import find_source
from raw_loaders.tombstones import ERASED

if TYPE_CHECKING:
    from datetime import datetime

    from raw_loaders.carriers import Delivery
    from raw_loaders.chunks import Decoder
    from raw_loaders.load_reports import LoadOptions
    from raw_loaders.sources import Source

# Lines of one transaction of a replay.
REPLAY_LINES = 5_000
# Lines fetched at once, each of up to a megabyte.
FETCHED_LINES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedGroup:
    """Rejected lines of one source and reason; `waiting` of them were never replayed."""

    source: str
    reason: str
    lines: int
    waiting: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedLine:
    """One rejected line; `raw` is None where its bytes are not kept or were dropped."""

    quarantine_id: int
    source: str
    object_id: int
    object: str
    line_number: int
    byte_offset: int
    byte_length: int
    sha256: str
    reason: str
    detail: str
    raw: bytes | None
    is_replayed: bool


@dataclass(slots=True)
class ReplayReport:
    """What a replay did: `rejected` lines still do not land, `unreadable` are gone."""

    landed: int = 0
    duplicate: int = 0
    unreadable: int = 0
    rejected: Counter[str] = field(default_factory=Counter)


def list_rejected(connection: psycopg.Connection) -> list[RejectedGroup]:
    """Count rejected lines by source and reason."""
    rows = connection.execute(
        "select source, reason, count(*), count(*) - count(replays.quarantine_id),"
        " min(quarantined_at), max(quarantined_at)"
        " from staging.quarantine"
        " left join staging.quarantine_replays as replays using (quarantine_id)"
        " group by source, reason order by source, count(*) desc, reason"
    )
    return [
        RejectedGroup(
            source=source, reason=reason, lines=lines, waiting=waiting, first_at=first, last_at=last
        )
        for source, reason, lines, waiting, first, last in rows
    ]


def find_rejected(
    connection: psycopg.Connection,
    *,
    source: str | None = None,
    reason: str | None = None,
    quarantine_id: int | None = None,
    limit: int | None = None,
) -> Iterator[RejectedLine]:
    """Yield rejected lines, those of one object together, in their order."""
    # Held by the server: they do not fit into memory, and each part of a replay is committed.
    rows = connection.cursor("rejected", withhold=True)
    rows.itersize = FETCHED_LINES
    rows.execute(
        "select quarantine_id, quarantine.source, object_id, object, line_number, byte_offset,"
        " byte_length, quarantine.sha256, reason, detail, raw_bytes,"
        " replays.quarantine_id is not null"
        " from staging.quarantine"
        " inner join staging.objects using (object_id)"
        " left join staging.quarantine_raw using (quarantine_id)"
        " left join staging.quarantine_replays as replays using (quarantine_id)"
        " where (%(source)s::text is null or quarantine.source = %(source)s)"
        " and (%(reason)s::text is null or reason = %(reason)s)"
        " and (%(id)s::bigint is null or quarantine_id = %(id)s)"
        " order by object_id, byte_offset, quarantine_id limit %(limit)s",
        {"source": source, "reason": reason, "id": quarantine_id, "limit": limit},
    )
    with rows:
        for row in rows:
            yield RejectedLine(
                quarantine_id=row[0],
                source=row[1],
                object_id=row[2],
                object=row[3],
                line_number=row[4],
                byte_offset=row[5],
                byte_length=row[6],
                sha256=row[7],
                reason=row[8],
                detail=row[9],
                raw=row[10],
                is_replayed=row[11],
            )


def replay_source(
    source: str,
    connect: Callable[[], psycopg.Connection],
    options: LoadOptions,
    reason: str | None = None,
) -> ReplayReport:
    """Land the rejected lines of a source that are valid now, each once.

    Lines whose bytes are not kept are read from their objects again. Raises
    `RetriableError` when the database fails or another replay lands the same lines,
    `CasebookError` when the database refuses a statement.
    """
    try:
        with connect() as connection:
            connection.autocommit = True
            return _Replay(connection, find_source(source), options).run(reason)
    # Never with the server's error as the cause, see `loading.load_source`.
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise RetriableError(
            f"The database failed while {source} was replayed; run it again."
        ) from None
    except psycopg.Error as error:
        raise CasebookError(
            f"The database refused a statement while {source} was replayed "
            f"({name_database_error(error)}): look into the server's log, then run it again."
        ) from None


class _Replay:
    """One replay of one source."""

    def __init__(
        self, connection: psycopg.Connection, source: Source, options: LoadOptions
    ) -> None:
        self._connection = connection
        self._source = source
        self._options = options
        self._lander = Lander(connection, source, options.timezone, options.keys.key_id)
        self._deliveries: dict[str, Delivery] | None = None
        self._report = ReplayReport()

    def run(self, reason: str | None) -> ReplayReport:
        waiting = (
            line
            for line in find_rejected(self._connection, source=self._source.name, reason=reason)
            if not line.is_replayed and line.reason != ERASED
        )
        for object_id, lines in groupby(waiting, key=attrgetter("object_id")):
            rereader = Rereader(
                partial(self._find_deliveries, object_id), self._source.max_line_bytes
            )
            while part := list(_take(lines)):
                self._replay(object_id, part, rereader)
        return self._report

    def _replay(self, object_id: int, lines: list[RejectedLine], rereader: Rereader) -> None:
        """Land what is valid of some lines of one object, in one transaction."""
        last = lines[-1]
        chunk = Chunk(lines[0].byte_offset, last.byte_offset + last.byte_length, last.line_number)
        replayed: dict[int, int] = {}
        decoder = self._new_decoder()
        for line in lines:
            raw = line.raw
            if raw is None:
                raw = rereader.find(line.byte_offset, line.byte_length, line.sha256)
            if raw is None:
                self._report.unreadable += 1
                continue
            trial = Chunk(line.byte_offset, line.byte_offset, line.line_number)
            decoder.decode_lines([raw], line.line_number, line.byte_offset, trial)
            if isinstance(decoder, HoldingDecoder):
                decoder.reject_held(trial)
            if trial.rejected or not trial.rows:
                self._report.rejected[
                    trial.rejected[0][1].reason if trial.rejected else "blank"
                ] += 1
                continue
            # Not decoded again: a decoder counts the copies it sees.
            chunk.absorb(trial)
            replayed[line.quarantine_id] = line.line_number
        if replayed:
            landed = self._lander.land(object_id, chunk, replayed)
            self._report.landed += landed.landed
            self._report.duplicate += landed.duplicate
            self._report.rejected += landed.left_out

    def _find_deliveries(self, object_id: int) -> list[Delivery]:
        """Find what lies under the names that an object, or what continues it, had."""
        if self._deliveries is None:
            carrier = landing_carrier(self._options.landing, self._source.name)
            found = (one for one in carrier.find() if not isinstance(one, ObjectError))
            self._deliveries = {delivery.name: delivery for delivery in found}
        names = find_names(self._connection, object_id)
        return [self._deliveries[name] for name in names if name in self._deliveries]

    def _new_decoder(self) -> Decoder:
        options = self._options
        return self._source.new_decoder(
            self._source.catalogue, options.keys, options.timezone, options.now()
        )


def _take(lines: Iterator[RejectedLine]) -> Iterator[RejectedLine]:
    """Yield as many lines as one transaction takes."""
    size = 0
    for count, line in enumerate(lines, 1):
        yield line
        size += line.byte_length
        if count >= REPLAY_LINES or size >= CHUNK_BYTES:
            return
