"""Lands chunks: rows, ledger, counts and quarantine of one chunk in one transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

import psycopg
from psycopg import sql

from raw_loaders.chunks import Line, Rejection
from raw_loaders.errors import RetriableError
from raw_loaders.failpoints import AFTER_COMMIT, AFTER_COPY, BEFORE_COMMIT, reach
from raw_loaders.field_rules import OTHER_NAMES
from raw_loaders.known_rows import find_known, inside, populated_range, register_dumpers
from raw_loaders.locks import LANDING_LOCK
from raw_loaders.measures import insert_measures
from raw_loaders.quarantine import insert_quarantine, insert_replays, reject_row
from raw_loaders.rows import (
    COPY_HEADER,
    COPY_TRAILER,
    column_names,
    content_of,
    say_the_same,
    start_of_row,
)
from raw_loaders.times import LocalDays
from raw_loaders.tombstones import DETAIL, ERASED, read_tombstones

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from raw_loaders.chunks import Chunk
    from raw_loaders.rows import Label, Row
    from raw_loaders.sources import Source
    from raw_loaders.tombstones import Tombstones

# How often a chunk is tried again that met rows another loader was just landing.
MAX_ATTEMPTS = 20
# Rows handed to the connection at once: some 100 kB, as psycopg cuts and copies what is more
# than 128 KiB.
COPY_ROWS = 256
# Names of unknown fields counted one by one in a load; the others are one number.
MAX_NAMES = 500

_ENCODED, _LABEL = itemgetter(0), itemgetter(1)

# producer, event_date, event_name, outcome, reason: the grain of load_counts in a load.
CountKey: TypeAlias = tuple[str | None, date | None, str | None, str, str | None]
Rejected: TypeAlias = tuple[Line, Rejection]

CONFLICT = "another event has this source, id and time"
REFUSED = "the database refuses the row"
# What the server may object to in a row that passed every check of ours.
_POISON = (
    psycopg.DataError,
    psycopg.errors.ProgramLimitExceeded,
    psycopg.errors.CheckViolation,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """What became of one chunk; conserves read = landed + duplicate + quarantined.

    `left_out` are lines of a replay that are in quarantine and stay as they are: not read.
    """

    load_id: int
    read: int
    landed: int
    duplicate: int
    quarantined: Counter[str]
    left_out: Counter[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sorting:
    """A chunk against the table: new rows, in order; identities it has; copies; conflicts."""

    new: list[Row]
    known: Collection[bytes]
    copies: list[Row]
    conflicts: list[Row]


class Lander:
    """Lands chunks of one source over one connection, which is in autocommit mode."""

    def __init__(
        self,
        connection: psycopg.Connection,
        source: Source,
        timezone: ZoneInfo,
        hash_key_id: str,
    ) -> None:
        self._connection = connection
        self._source = source
        self._days = LocalDays(timezone)
        self._hash_key_id = hash_key_id
        self._columns = column_names(source.catalogue.entity_keys)
        self._copy_statement = sql.SQL("copy staging.{} ({}) from stdin (format binary)").format(
            sql.Identifier(source.table),
            sql.SQL(", ").join(map(sql.Identifier, self._columns)),
        )
        register_dumpers(connection)

    def land(
        self, object_id: int, chunk: Chunk, replays: Mapping[int, int] | None = None
    ) -> Landed:
        """Land a chunk exactly once, whoever lands the same events meanwhile.

        `replays` gives, when its lines had been rejected before, the number of the line by
        quarantine_id; what does not land after all is left out, not quarantined again.

        Raises `RetriableError` when somebody else landed this chunk, and `psycopg.Error` when
        the server fails; nothing of the chunk has landed then.
        """
        is_probing_all = False
        for _ in range(MAX_ATTEMPTS):
            try:
                return self._land_once(object_id, chunk, replays, is_probing_all=is_probing_all)
            except (psycopg.errors.UniqueViolation, psycopg.errors.DeadlockDetected) as error:
                if error.diag.table_name in ("loads", "quarantine_replays"):
                    break
                is_probing_all = True
            except _POISON:
                self._remove_poison(chunk)
        raise RetriableError(
            f"Another loader keeps landing the same lines of {self._source.name}; run it again."
        )

    def _land_once(
        self,
        object_id: int,
        chunk: Chunk,
        replays: Mapping[int, int] | None,
        *,
        is_probing_all: bool,
    ) -> Landed:
        with self._connection.transaction():
            load_id = self._draw_load_id()
            tombstones = self._keep_out_erased(chunk)
            sorting = self._sort(chunk, is_probing_all=is_probing_all)
            counts = self._copy_rows(load_id, sorting.new)
            reach(AFTER_COPY)
            written = self._rejected(chunk, sorting, tombstones)
            left_out: list[Rejected] = []
            if replays is not None:
                written, left_out = [], written
            landed = Landed(
                load_id=load_id,
                read=chunk.read_count - len(left_out),
                landed=len(sorting.new),
                duplicate=len(sorting.copies),
                quarantined=_count_reasons(written),
                left_out=_count_reasons(left_out),
            )
            if replays is not None:
                if not landed.read:
                    return landed
                insert_replays(self._connection, load_id, _replayed(replays, left_out))
            self._insert_load(object_id, chunk, landed, is_replay=replays is not None)
            self._insert_counts(load_id, self._count(chunk, sorting, counts, written))
            insert_quarantine(self._connection, self._source, load_id, object_id, written)
            if chunk.measures:
                insert_measures(self._connection, load_id, sorted(chunk.measures))
            reach(BEFORE_COMMIT)
        reach(AFTER_COMMIT)
        return landed

    def _rejected(
        self, chunk: Chunk, sorting: _Sorting, tombstones: Tombstones | None
    ) -> list[Rejected]:
        """Lines that do not land, without the bytes of what was erased."""
        rejected = chunk.rejected + [
            reject_row(chunk, row, self._days, "id_conflict", CONFLICT) for row in sorting.conflicts
        ]
        if tombstones is None:
            return rejected
        return [(tombstones.without_bytes(line), why) for line, why in rejected]

    def _draw_load_id(self) -> int:
        """Under the landing lock, which a build takes for itself to read its watermark."""
        self._connection.execute("select pg_advisory_xact_lock_shared(%s)", (LANDING_LOCK,))
        row = self._connection.execute(
            "select nextval(pg_get_serial_sequence('staging.loads', 'load_id'))"
        ).fetchone()
        assert row is not None  # noqa: S101 - a select without from gives a row
        return int(row[0])

    def _keep_out_erased(self, chunk: Chunk) -> Tombstones | None:
        """Read what was erased, under the landing lock, and take it out of a chunk."""
        tombstones = read_tombstones(self._connection)
        if tombstones is not None:
            tombstones.keep_out(
                chunk,
                self._source,
                lambda row: reject_row(chunk, row, self._days, ERASED, DETAIL),
            )
        return tombstones

    def _sort(self, chunk: Chunk, *, is_probing_all: bool) -> _Sorting:
        """In order of time and key: appended to the index at its edge, locked in one order."""
        identities = sorted(chunk.rows)
        suspects = (
            identities
            if is_probing_all
            else inside(identities, populated_range(self._connection, self._source.table))
        )
        known = find_known(self._connection, self._source, suspects)
        copies: list[Row] = []
        conflicts: list[Row] = []
        for identity in known.keys() | chunk.others.keys():
            first, others = chunk.rows[identity], chunk.others.get(identity, [])
            landed = known.get(identity)
            for row in others if landed is None else [first, *others]:
                is_copy = (
                    say_the_same(row, first)
                    if landed is None
                    else landed.says_the_same(content_of(row), self._source, self._hash_key_id)
                )
                (copies if is_copy else conflicts).append(row)
        new = [chunk.rows[identity] for identity in identities if identity not in known]
        return _Sorting(new=new, known=known.keys(), copies=copies, conflicts=conflicts)

    def _copy_rows(self, load_id: int, rows: Sequence[Row]) -> Counter[Label]:
        """Write rows to the table; count them while they are in the processor's cache."""
        counts: Counter[Label] = Counter()
        if not rows:
            return counts
        start = start_of_row(len(self._columns), load_id)
        with self._connection.cursor().copy(self._copy_statement) as copy:
            copy.write(COPY_HEADER)
            for first in range(0, len(rows), COPY_ROWS):
                part = rows[first : first + COPY_ROWS]
                copy.write(start + start.join(map(_ENCODED, part)))
                counts.update(map(_LABEL, part))
            copy.write(COPY_TRAILER)
        return counts

    def _remove_poison(self, chunk: Chunk) -> None:
        """Move rows the server refuses from the chunk's rows to its rejected lines."""
        poison = self._find_poison(chunk, sorted(chunk.rows))
        for identity in poison:
            chunk.rejected += [
                reject_row(chunk, row, self._days, "server_rejected", REFUSED)
                for row in chunk.remove(identity)
            ]

    def _find_poison(self, chunk: Chunk, identities: list[bytes]) -> list[bytes]:
        """Bisect: a part that the server takes has none; nothing of a trial stays."""
        try:
            with self._connection.transaction(force_rollback=True):
                self._copy_rows(0, [chunk.rows[identity] for identity in identities])
        except psycopg.errors.UniqueViolation:
            # Only of rows before the poison, if any: look at both halves.
            if len(identities) == 1:
                return []
        except _POISON:
            if len(identities) == 1:
                return identities
        else:
            return []
        middle = len(identities) // 2
        return self._find_poison(chunk, identities[:middle]) + self._find_poison(
            chunk, identities[middle:]
        )

    def _insert_load(
        self, object_id: int, chunk: Chunk, landed: Landed, *, is_replay: bool
    ) -> None:
        self._connection.execute(
            "insert into staging.loads (load_id, object_id, start_offset, end_offset,"
            " end_line_number, read_count, landed_count, duplicate_count, quarantined_count,"
            " is_last, is_replay, hash_key_id, catalogue_sha256)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                landed.load_id,
                object_id,
                chunk.start_offset,
                chunk.end_offset,
                chunk.end_line_number,
                landed.read,
                landed.landed,
                landed.duplicate,
                landed.quarantined.total(),
                chunk.is_last,
                is_replay,
                self._hash_key_id,
                self._source.catalogue.sha256,
            ),
        )

    def _count(
        self,
        chunk: Chunk,
        sorting: _Sorting,
        landed_counts: Counter[Label],
        rejected: Iterable[Rejected],
    ) -> Counter[CountKey]:
        """Lines of a chunk at the grain of load_counts."""
        duplicate_counts = Counter(map(_LABEL, sorting.copies))
        counts: Counter[CountKey] = Counter()
        for outcome, by_label in (("landed", landed_counts), ("duplicate", duplicate_counts)):
            for label, count in by_label.items():
                counts[self._count_key(label, outcome, None)] += count
        for _, rejection in rejected:
            counts[
                rejection.producer,
                rejection.event_date,
                rejection.event_name,
                "quarantined",
                rejection.reason,
            ] += 1
        for kind, count in chunk.skipped.items():
            counts[None, None, kind, "skipped", None] += count
        flags: Counter[CountKey] = Counter()
        for identity in chunk.flags.keys() - sorting.known:
            for outcome, name in chunk.flags[identity]:
                key = self._count_key(chunk.rows[identity][1], outcome, name)
                is_too_many = key not in flags and len(flags) >= MAX_NAMES
                flags[(*key[:4], OTHER_NAMES) if is_too_many else key] += 1
        return counts + flags

    def _count_key(self, label: Label, outcome: str, reason: str | None) -> CountKey:
        producer, name, quarter = label
        return producer, self._days.of_quarter(quarter), name, outcome, reason

    def _insert_counts(self, load_id: int, counts: Counter[CountKey]) -> None:
        with self._connection.cursor().copy(
            "copy staging.load_counts (load_id, producer, event_date, event_name, outcome,"
            " reason, line_count) from stdin"
        ) as copy:
            for key, count in counts.items():
                copy.write_row((load_id, *key, count))


def _count_reasons(rejected: Iterable[Rejected]) -> Counter[str]:
    return Counter(rejection.reason for _, rejection in rejected)


def _replayed(replays: Mapping[int, int], left_out: Iterable[Rejected]) -> list[int]:
    """Give the quarantine_id of the lines of a replay that are not left out."""
    numbers = {line.number for line, _ in left_out}
    return [quarantine_id for quarantine_id, number in replays.items() if number not in numbers]
