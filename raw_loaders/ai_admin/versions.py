"""Rows as versions: what is new of a row against the version landed last. Pure.

A row's first version is 1. A version lands when it says something else than the one before,
so a row that changes and changes back has three. A row of a table that is read whole and is
gone lands as a version that says so.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import msgspec

from raw_loaders.field_rules import read_fields
from raw_loaders.rows import (
    KEY_BYTES,
    encode_identity,
    encode_jsonb,
    encode_provenance,
    encode_row,
    encode_text,
    encode_texts,
)
from raw_loaders.times import FUTURE_TOLERANCE, QUARTER_HOUR, parse_time, to_micros

if TYPE_CHECKING:
    from decimal import Decimal

    from raw_loaders.ai_admin.tables import Table
    from raw_loaders.chunks import Chunk
    from raw_loaders.redaction import Redactor, Value

# What a row is counted under as its producer.
PRODUCER = "biz"
IS_DELETED = "is_deleted"
# Of a row's own times, which of them say when this version came about.
CHANGE_TIMES = (
    "updated_at",
    "finished_at",
    "started_at",
    "invalidated_at",
    "last_run_at",
    "created_at",
)

# Fields that end so are times, of whatever type the source's column is.
TIME_ENDING = "_at"

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LandedVersion:
    """The last landed version of a row."""

    number: int
    payload: Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One new version. `micros` since 2000-01-01 UTC: when it came about, as far as known.

    `read_micros` is when it was read, the day it is counted under.
    """

    table: str
    row_id: str
    number: int
    site_id: str | None
    micros: int
    read_micros: int
    payload: Payload
    violations: tuple[str, ...]


def redact_row(
    table: Table, row: Mapping[str, Any], redactor: Redactor
) -> tuple[Payload, tuple[str, ...]]:
    """Give what may be stored of a row and the names of what is broken in it."""
    values: dict[str, Value | None] = {
        name: _plain(value) for name, value in row.items() if value is not None
    }
    valid, violations, _ = read_fields(table.event.fields, values)
    payload: Payload = {}
    for field in table.event.fields:
        value = valid.get(field.name)
        if value is None:
            continue
        if field.presence == "identifying" and field.privacy == "hash":
            # Another rotating key must not make other rows of a table that is read whole.
            payload[field.name] = redactor.identify(field.name, str(value))
        elif field.privacy == "hash":
            payload[field.name] = redactor.hash(field.name, str(value))
        elif field.name.endswith(TIME_ENDING) and not _is_time(str(value)):
            # Of a column of texts: no view could read it.
            violations.append(field.name)
        else:
            payload[field.name] = value
    return payload, tuple(sorted(violations))


def new_versions(
    table: Table,
    rows: Iterable[tuple[str, Payload, tuple[str, ...]]],
    landed: Mapping[str, LandedVersion],
    read_at: datetime,
) -> Iterator[Version]:
    """Give the versions of rows (id, payload, violations) that differ from the landed ones.

    Of rows that share a key, which a source without a constraint may have, the first counts.
    """
    seen: set[str] = set()
    for row_id, payload, violations in rows:
        last = landed.get(row_id)
        if row_id in seen or (last is not None and last.payload == payload):
            seen.add(row_id)
            continue
        seen.add(row_id)
        number = 1 if last is None else last.number + 1
        yield Version(
            table=table.name,
            row_id=row_id,
            number=number,
            site_id=payload.get("site_id"),
            micros=_came_about(payload, None if last is None else last.payload, read_at),
            read_micros=to_micros(read_at),
            payload=payload,
            violations=violations,
        )


def deletions(
    table: Table, landed: Mapping[str, LandedVersion], seen: set[str], read_at: datetime
) -> Iterator[Version]:
    """Give a version for each landed row that a table read whole does not have any more."""
    for row_id, last in landed.items():
        if row_id in seen or last.payload.get(IS_DELETED):
            continue
        yield Version(
            table=table.name,
            row_id=row_id,
            number=last.number + 1,
            site_id=last.payload.get("site_id"),
            micros=to_micros(read_at),
            read_micros=to_micros(read_at),
            payload={**last.payload, IS_DELETED: True},
            violations=(),
        )


def add_version(version: Version, line_number: int, chunk: Chunk) -> bytes:
    """Add a version to what one transaction lands; return its identity."""
    key = hashlib.blake2b(
        b"\0".join((version.table.encode(), version.row_id.encode(), b"%d" % version.number)),
        digest_size=KEY_BYTES,
    )
    identity = encode_identity(version.micros, key.digest())
    event_id = f"{version.table}/{version.row_id}#{version.number}"
    provenance = encode_provenance(
        line_number, version.number, encode_text(PRODUCER), event_id.encode(), encode_text(None)
    )
    content = b"".join(
        (
            encode_text(version.table),
            encode_text(version.row_id),
            encode_text(version.site_id),
            encode_text(version.row_id),
            encode_jsonb(msgspec.json.encode(version.payload)),
            encode_texts(version.violations),
        )
    )
    label = (PRODUCER, version.table, version.read_micros // QUARTER_HOUR)
    chunk.add(identity, encode_row(identity, provenance, content, label))
    chunk.read_count += 1
    return identity


def _came_about(payload: Payload, before: Payload | None, read_at: datetime) -> int:
    """Return when a version came about: the latest of its times that are new.

    A later version without a new time of its own (a status set by hand) came about between
    two reads; the second is taken. A row without any time (a calendar, a limit) is taken to
    have been so ever: since 2000. A time ahead of the back office's clock is no time.
    """
    read = to_micros(read_at)
    unknown = 0 if before is None else read
    names = [name for name in CHANGE_TIMES if payload.get(name) != (before or {}).get(name)]
    times = [parse_time(payload[name]) for name in names if isinstance(payload.get(name), str)]
    latest = max((time for time in times if time is not None and time >= 0), default=unknown)
    tolerance = FUTURE_TOLERANCE // timedelta(microseconds=1)
    return latest if latest <= read + tolerance else read


def _is_time(text: str) -> bool:
    """Whether a text is a time with an offset, or a date."""
    if parse_time(text) is not None:
        return True
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _plain(value: object) -> Value:
    """Give a column's value as JSON has it; integers come as numerics."""
    if isinstance(value, str | bool | int | float):
        return value
    number = float(str(value))
    if not math.isfinite(number):
        return str(value)
    # Not by way of the float: a limit of tokens may have more digits than it.
    return int(cast("Decimal", value)) if number.is_integer() else number
