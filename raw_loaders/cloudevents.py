"""Lines of CloudEvents 1.0 in structured JSON, as rows or rejections.

Two paths with one meaning. A line that the generated Structs accept becomes a row at once.
Any other is looked at field by field, by the rules of the catalogue: that path decides what
is a violation, what is rejected, and why.
"""

from __future__ import annotations

from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from msgspec import UNSET
from msgspec.structs import asdict, astuple

from raw_loaders.catalogue import MAX_TEXT_LENGTH
from raw_loaders.chunks import Line, Rejection
from raw_loaders.field_rules import EventReader, Json, Reading
from raw_loaders.redaction import HashKeys, Redactor
from raw_loaders.rows import (
    IDENTITY,
    JSONB,
    KEY_BYTES,
    LENGTH,
    NULL,
    ROW_HEAD,
    UNNUMBERED,
    encode_identity,
    encode_jsonb,
    encode_provenance,
    encode_row,
    encode_text,
    encode_texts,
    key_hash,
)
from raw_loaders.schemas import line_format
from raw_loaders.times import (
    EPOCH,
    FUTURE_TOLERANCE,
    MICROSECOND,
    QUARTER_HOUR,
    LocalDays,
    to_micros,
)

if TYPE_CHECKING:
    import hashlib
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from raw_loaders.catalogue import Catalogue, EventType
    from raw_loaders.chunks import Chunk
    from raw_loaders.rows import Label

# Distinct producers and entities remembered in encoded form.
MAX_REMEMBERED = 20_000
NUL_ESCAPE = b"\\u0000"

_decode_any = msgspec.json.decode
# Encoded entity_id and entity key columns, by `_Plan.entity_of`, by the names of the keys.
_EntityCaches: TypeAlias = dict[tuple[str, ...], dict[Any, bytes]]

_encode = msgspec.json.Encoder().encode
pack_identity, pack_jsonb = IDENTITY.pack, JSONB.pack
pack_head, pack_unnumbered = ROW_HEAD.pack, UNNUMBERED.pack
join = b"".join
IDENTITY_BYTES = IDENTITY.size
# Encoded lengths of the longest texts in UTF-8.
TEXT_LENGTHS = [LENGTH.pack(size) for size in range(4 * MAX_TEXT_LENGTH + 1)]
# What msgspec raises on bytes that are no JSON of the wanted shape.
_NOT_DECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class _Plan:
    """What an event type needs to become a row."""

    def __init__(
        self, event: EventType, all_entity_keys: Sequence[str], caches: _EntityCaches
    ) -> None:
        names = [field.name for field in event.fields]
        self.event = event
        self.name = event.name
        self.encoded_name = encode_text(event.name)
        self.entity_keys = tuple(key for key in all_entity_keys if key in names)
        self.hidden = tuple(field for field in event.fields if field.privacy != "keep")
        # Whether redaction renames or drops fields, not only replaces their texts.
        self.is_reshaped = any(
            field.privacy != "hash" and field.reduce != "user_agent_family" for field in self.hidden
        )
        # Of a Struct: the one key's value, or the tuple of several, or None of none.
        self.entity_of: Callable[[Any], Any] = (
            attrgetter(*self.entity_keys) if self.entity_keys else _no_entity
        )
        self.entities = caches.setdefault(self.entity_keys, {})


def _no_entity(_: object) -> None:
    return None


class CloudEventsDecoder:
    """Decodes one source's lines; one instance a thread."""

    def __init__(
        self, catalogue: Catalogue, keys: HashKeys, timezone: ZoneInfo, now: datetime
    ) -> None:
        structs, decoder = line_format(catalogue)
        self._entity_keys = catalogue.entity_keys
        self._decode = decoder.decode
        self._redactor = Redactor(keys)
        self._latest = to_micros(now + FUTURE_TOLERANCE)
        self._reader = EventReader(catalogue, self._latest, LocalDays(timezone))
        self._plans: dict[type | str, _Plan] = {}
        caches: _EntityCaches = {}
        for struct, event in structs.items():
            plan = _Plan(event, catalogue.entity_keys, caches)
            self._plans[struct] = self._plans[event.name] = plan
        self._producers: dict[str, tuple[bytes, Callable[[], hashlib.blake2b]]] = {}
        self._boots: dict[str | None, bytes] = {}
        self._labels: dict[Label, Label] = {}

    def decode_lines(
        self, lines: Sequence[bytes], first_number: int, offset: int, chunk: Chunk
    ) -> None:
        """See `chunks.Decoder`; blank lines are no lines.

        Most of a load's time is spent here: it does in place what `rows` has functions for.
        """
        decode, latest, plans, producers = (
            self._decode,
            self._latest,
            self._plans,
            self._producers,
        )
        boots, labels, rows = self._boots, self._labels, chunk.rows
        joined = b"\n".join(lines)
        # The one byte is found ten times as fast as the escape, and most blocks have none.
        may_have_nul = b"\\" in joined and NUL_ESCAPE in joined
        chunk.keep(first_number, offset, joined, len(lines))
        chunk.read_count += len(lines)
        starts: list[int] = []
        for number, raw in enumerate(lines, first_number):
            try:
                event = decode(raw)
                event_id, producer, time, data, _, sequence, boot, _, _, _ = astuple(event)
                micros = (time - EPOCH) // MICROSECOND
                is_accepted = (
                    0 <= micros <= latest
                    and (sequence is None or (sequence.isdigit() and sequence.isascii()))
                    and not (may_have_nul and NUL_ESCAPE in raw)
                )
            except _NOT_DECODABLE:
                is_accepted = False
            if not is_accepted:
                if raw.strip():
                    starts = starts or _starts(lines, offset)
                    self._decode_slowly(raw, number, starts[number - first_number], chunk)
                else:
                    chunk.read_count -= 1
                continue
            plan = plans[type(event)]
            encoded_producer, new_hash = producers.get(producer) or self._producer(producer)
            event_id = event_id.encode()
            key = new_hash()
            key.update(event_id)
            if sequence is None:
                head = pack_identity(8, micros, KEY_BYTES, key.digest())
                head += pack_unnumbered(8, number, -1)
            else:
                head = pack_head(8, micros, KEY_BYTES, key.digest(), 8, number, 8, int(sequence))
            entity = plan.entity_of(data)
            payload = self._encode_payload(plan, data)
            encoded = join(
                (
                    head,
                    encoded_producer,
                    TEXT_LENGTHS[len(event_id)],
                    event_id,
                    boots.get(boot) or self._boot(boot),
                    plan.encoded_name,
                    plan.entities.get(entity) or self._entity(plan, entity, producer),
                    pack_jsonb(len(payload) + 1, 1),
                    payload,
                    NULL,
                )
            )
            label = (producer, plan.name, micros // QUARTER_HOUR)
            row = (encoded, labels.get(label) or self._label(label))
            identity = head[:IDENTITY_BYTES]
            if rows.setdefault(identity, row) is not row:
                chunk.others.setdefault(identity, []).append(row)

    def is_whole(self, raw: bytes) -> bool:
        """Whether it is a JSON object: only a whole one decodes."""
        try:
            return isinstance(_decode_any(raw), dict)
        except _NOT_DECODABLE:
            return False

    def _encode_payload(self, plan: _Plan, data: Any) -> bytes:
        """Return the redacted fields of a valid event but its entity keys, as JSON."""
        if plan.is_reshaped:
            return _encode(self._redactor.redact(plan.event.fields, asdict(data)))
        if plan.hidden:
            self._redactor.redact_in_place(plan.hidden, data)
        for name in plan.entity_keys:
            setattr(data, name, UNSET)
        return _encode(data)

    def _boot(self, boot: str | None) -> bytes:
        if len(self._boots) >= MAX_REMEMBERED:
            self._boots.clear()
        return self._boots.setdefault(boot, encode_text(boot))

    def _label(self, label: Label) -> Label:
        """Return the one tuple that stands for all its equals."""
        if len(self._labels) >= MAX_REMEMBERED:
            self._labels.clear()
        return self._labels.setdefault(label, label)

    def _decode_slowly(self, raw: bytes, number: int, offset: int, chunk: Chunk) -> None:
        reading = self._read(raw)
        if isinstance(reading, Rejection):
            chunk.rejected.append((Line.of(raw, number, offset), reading))
            return
        plan = self._plans[reading.event.name]
        encoded_producer, new_hash = self._producer(reading.producer)
        event_id = reading.event_id.encode()
        key = new_hash()
        key.update(event_id)
        entity = [reading.values.get(name) for name in plan.entity_keys]
        encoded_entity = self._entity(
            plan, entity[0] if len(entity) == 1 else tuple(entity), reading.producer
        )
        payload = _encode(self._redactor.redact(reading.event.fields, reading.values))
        identity = encode_identity(reading.micros, key.digest())
        if identity not in chunk.rows:
            chunk.flag(identity, reading.violations, reading.unknown_fields)
        row = encode_row(
            identity,
            encode_provenance(
                number, reading.sequence, encoded_producer, event_id, encode_text(reading.boot)
            ),
            plan.encoded_name
            + encoded_entity
            + encode_jsonb(payload)
            + encode_texts(reading.violations),
            (reading.producer, reading.event.name, reading.micros // QUARTER_HOUR),
        )
        chunk.add(identity, row)

    def _read(self, raw: bytes) -> Reading | Rejection:
        """Decide on a line by the rules."""
        if NUL_ESCAPE in raw and has_nul(raw):
            return Rejection(reason="nul_character", detail="a text contains U+0000")
        try:
            document: Json = _decode_any(raw)
        except RecursionError:
            return Rejection(reason="too_deep", detail="nested too deeply")
        except UnicodeDecodeError:
            return Rejection(reason="malformed", detail="not UTF-8")
        except msgspec.ValidationError:
            return Rejection(reason="number_out_of_range", detail="a number has no finite value")
        except msgspec.DecodeError:
            return Rejection(reason="malformed", detail="not JSON")
        return self._reader.read(document)

    def _producer(self, producer: str) -> tuple[bytes, Callable[[], hashlib.blake2b]]:
        """Return encoded producer and what starts the hash of its events' keys."""
        if len(self._producers) >= MAX_REMEMBERED:
            self._producers.clear()
        known = encode_text(producer), key_hash(producer).copy
        self._producers[producer] = known
        return known

    def _entity(self, plan: _Plan, entity: Any, producer: str) -> bytes:
        """Return encoded entity_id and entity keys of an event with these keys."""
        several = entity if isinstance(entity, tuple) else (entity,)
        values = dict(zip(plan.entity_keys, several, strict=False))
        present = [values[key] for key in self._entity_keys if values.get(key) is not None]
        columns = [encode_text(values.get(key)) for key in self._entity_keys]
        encoded = encode_text(present[0] if present else producer) + b"".join(columns)
        if present:
            if len(plan.entities) >= MAX_REMEMBERED:
                plan.entities.clear()
            plan.entities[entity] = encoded
        return encoded


def has_nul(raw: bytes) -> bool:
    r"""Whether JSON text has an escape of U+0000: a `\u0000` whose backslash is not escaped."""
    position = raw.find(NUL_ESCAPE)
    while position >= 0:
        before = raw[:position]
        if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:
            return True
        position = raw.find(NUL_ESCAPE, position + 1)
    return False


def _starts(lines: Sequence[bytes], offset: int) -> list[int]:
    return list(accumulate((len(line) + 1 for line in lines), initial=offset))
