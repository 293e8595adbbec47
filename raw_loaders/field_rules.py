"""The rules of an event, field by field: what is a violation and what is a reason to reject.

Works on decoded JSON and knows no bytes, rows or tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from raw_loaders.catalogue import MAX_TEXT_LENGTH
from raw_loaders.chunks import Rejection
from raw_loaders.schemas import ENVELOPE_ATTRIBUTES
from raw_loaders.times import QUARTER_HOUR, parse_time

if TYPE_CHECKING:
    from raw_loaders.catalogue import Catalogue, EventType, Field
    from raw_loaders.redaction import Value
    from raw_loaders.times import LocalDays

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

# Microseconds since 2000 between which a rejected line's day is worth counting: 1970 to 2100.
_COUNTABLE_MICROS = range(-946_684_800_000_000, 3_155_760_000_000_000)
_MAX_BIGINT = 2**63 - 1
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,63}")
# Shown in place of a name that may be content.
OTHER_NAMES = "(other)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A line that lands. `micros` since 2000-01-01 UTC; `values` only valid fields."""

    event: EventType
    producer: str
    event_id: str
    micros: int
    sequence: int | None
    boot: str | None
    values: dict[str, Value]
    violations: tuple[str, ...]
    unknown_fields: tuple[str, ...]


class _RejectedError(Exception):
    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class EventReader:
    """Applies a catalogue's rules; `latest` is the last admissible time in microseconds."""

    def __init__(self, catalogue: Catalogue, latest: int, days: LocalDays) -> None:
        self._catalogue = catalogue
        self._latest = latest
        self._days = days
        self._known = {
            name: frozenset(f.name for f in event.fields)
            for name, event in catalogue.events.items()
        }

    def read(self, document: Json) -> Reading | Rejection:
        """Decide on one JSON document."""
        if not isinstance(document, dict):
            return Rejection(reason="malformed", detail="not a JSON object")
        try:
            return self._read(document)
        except _RejectedError as rejected:
            name = _text(document.get("type"))
            time = _text(document.get("time"))
            return Rejection(
                reason=rejected.reason,
                detail=rejected.detail,
                producer=_text(document.get("source")),
                event_name=None if name is None else speakable(name),
                event_date=self._day(None if time is None else parse_time(time)),
                boot=_text(document.get("boot")),
                sequence=read_sequence(document.get("sequence")),
            )

    def _read(self, document: Mapping[str, Json]) -> Reading:
        producer = _identifying_text(document, "source")
        event_id = _identifying_text(document, "id")
        event = self._catalogue.events.get(_identifying_text(document, "type"))
        micros = parse_time(_identifying_text(document, "time"))
        if micros is None:
            raise _RejectedError("invalid_envelope", "time is not RFC 3339 with an offset")
        if document.get("specversion") not in (None, "", "1.0"):
            raise _RejectedError("invalid_envelope", "specversion is not 1.0")
        if event is None:
            raise _RejectedError("unknown_type", "type is not in the catalogue")
        if micros > self._latest:
            raise _RejectedError("time_in_future", "time is more than an hour after the load")
        if micros < 0:
            raise _RejectedError("time_too_old", "time is before 2000")
        data = document.get("data")
        if not isinstance(data, dict):
            raise _RejectedError("invalid_data", "data is missing or not an object")
        values, violations, fatal = read_fields(event.fields, data)
        if fatal:
            raise _RejectedError("invalid_data", f"{fatal[0]} is missing or not valid")
        sequence, boot = read_sequence(document.get("sequence")), _text(document.get("boot"))
        return Reading(
            event=event,
            producer=producer,
            event_id=event_id,
            micros=micros,
            sequence=sequence,
            boot=boot,
            values=values,
            violations=(*_envelope_violations(document, sequence, boot), *violations),
            unknown_fields=self._unknown_fields(event, document, data),
        )

    def _day(self, micros: int | None) -> date | None:
        if micros is None or micros not in _COUNTABLE_MICROS:
            return None
        return self._days.of_quarter(micros // QUARTER_HOUR)

    def _unknown_fields(
        self, event: EventType, document: Mapping[str, Json], data: Mapping[str, Json]
    ) -> tuple[str, ...]:
        extensions = document.keys() - ENVELOPE_ATTRIBUTES
        fields = data.keys() - self._known[event.name]
        return tuple(sorted({*map(speakable, extensions), *map(speakable, fields)}))


def read_fields(
    fields: Iterable[Field], data: Mapping[str, Json]
) -> tuple[dict[str, Value], list[str], list[str]]:
    """Return valid values by name, names of violations, names of broken identifying fields."""
    values: dict[str, Value] = {}
    violations: list[str] = []
    fatal: list[str] = []
    for field in fields:
        raw = data.get(field.name)
        value = None if raw is None else read_value(field, raw)
        if value is not None:
            values[field.name] = value
        elif field.presence == "identifying":
            fatal.append(field.name)
        elif field.presence == "required" or raw not in (None, ""):
            violations.append(field.name)
    return values, violations, fatal


def read_value(field: Field, raw: Json) -> Value | None:
    """Return the value when it has the field's type and keeps its bounds, else None.

    A whole number may be written with a fraction of zero; true is no number; a text that is
    empty, or too long to be kept, is no text.
    """
    match field.type:
        case "boolean":
            return raw if isinstance(raw, bool) else None
        case "string":
            if not isinstance(raw, str) or not raw:
                return None
            if field.enum is not None and raw not in field.enum:
                return None
            return raw if field.privacy != "keep" or len(raw) <= MAX_TEXT_LENGTH else None
        case "integer" | "number":
            return _number(field, raw)


def _number(field: Field, raw: Json) -> int | float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    if field.minimum is not None and raw < field.minimum:
        return None
    if field.maximum is not None and raw > field.maximum:
        return None
    if field.type == "number":
        return float(raw)
    return int(raw) if raw == int(raw) else None


def read_sequence(raw: Json) -> int | None:
    """Return the producer's counter: a string of ASCII digits that fits a bigint, else None."""
    if not isinstance(raw, str) or not raw.isascii() or not raw.isdigit():
        return None
    digits = raw.lstrip("0") or "0"
    if len(digits) > len(str(_MAX_BIGINT)) or int(digits) > _MAX_BIGINT:
        return None
    return int(digits)


def speakable(name: str) -> str:
    """Return a name that may be shown in counts: what could be content is not."""
    return name if _NAME.fullmatch(name) else OTHER_NAMES


def _text(raw: Json) -> str | None:
    return raw if isinstance(raw, str) and 0 < len(raw) <= MAX_TEXT_LENGTH else None


def _identifying_text(document: Mapping[str, Json], name: str) -> str:
    text = _text(document.get(name))
    if text is None:
        raise _RejectedError("invalid_envelope", f"{name} is missing or no usable text")
    return text


def _envelope_violations(
    document: Mapping[str, Json], sequence: int | None, boot: str | None
) -> list[str]:
    read = {"sequence": sequence, "boot": boot}
    return [
        name
        for name, value in read.items()
        if value is None and document.get(name) not in (None, "")
    ]
