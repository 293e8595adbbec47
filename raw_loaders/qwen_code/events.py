"""One record as what may be stored: identity, session, time and redacted payload. Pure.

Content never gets past here: a field the catalogue does not list is dropped and named, an
event it does not list keeps its name and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

import msgspec

from raw_loaders.catalogue import MAX_TEXT_LENGTH
from raw_loaders.cloudevents import has_nul
from raw_loaders.field_rules import speakable
from raw_loaders.qwen_code.fields import EventFields
from raw_loaders.qwen_code.records import Broken

if TYPE_CHECKING:
    from raw_loaders.catalogue import Catalogue
    from raw_loaders.occurrences import Occurrences
    from raw_loaders.qwen_code.records import Record
    from raw_loaders.redaction import HashKeys, Redactor

KEY_BYTES = 16
MAX_NAME_CHARACTERS = 128

_encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="sorted").encode


class TelemetryRow(msgspec.Struct, frozen=True, kw_only=True):
    """An event that lands. `micros` since 2000-01-01 UTC; `payload` is JSON of what is stored.

    `event_id` is the recording's uuid, else a keyed hash of the record and its place among
    identical copies in its object.
    """

    micros: int
    event_key: bytes
    event_id: str
    session_id: str
    name: str
    payload: bytes
    violations: tuple[str, ...]
    unknown_fields: tuple[str, ...]


class TelemetryEventReader:
    """Decides on records; `latest` is the last admissible time in microseconds."""

    def __init__(
        self, catalogue: Catalogue, redactor: Redactor, keys: HashKeys, latest: int
    ) -> None:
        self._events = {
            name: EventFields(name, event.fields, redactor)
            for name, event in catalogue.events.items()
        }
        self._no_event = EventFields("", (), redactor)
        self._identity_key = keys.identity_key
        self._latest = latest

    def count(self, record: Record, occurrences: Occurrences) -> None:
        """Count a record that was read before, as `read` did."""
        if self._rejection(record) is None:
            self._identify(record, occurrences)

    def read(self, record: Record, occurrences: Occurrences) -> TelemetryRow | Broken:
        """Decide on one record; `occurrences` counts equal ones of its object so far."""
        rejection = self._rejection(record)
        if rejection is not None:
            return rejection
        key, event_id = self._identify(record, occurrences)
        event = self._events.get(record.name)
        fields = event or self._no_event
        values, violations, unknown = fields.read(record.attributes)
        payload = _encode(
            {
                "is_catalogued": event is not None,
                "client_version": record.client_version,
                "fields": values,
            }
        )
        if has_nul(payload):
            return Broken("nul_character", "a text contains U+0000")
        return TelemetryRow(
            micros=record.micros,
            event_key=key,
            event_id=event_id,
            session_id=record.session_id,
            name=record.name if event is not None else speakable(record.name),
            payload=payload,
            violations=violations,
            unknown_fields=unknown,
        )

    def _rejection(self, record: Record) -> Broken | None:
        name, session, uuid = record.name, record.session_id, record.uuid or ""
        if (
            len(name) > MAX_NAME_CHARACTERS
            or len(session) > MAX_TEXT_LENGTH
            or len(uuid) > MAX_TEXT_LENGTH
        ):
            return Broken("invalid_envelope", "a name or an id is too long")
        if "\0" in name or "\0" in session or "\0" in uuid:
            return Broken("nul_character", "a name or an id contains U+0000")
        if record.micros > self._latest:
            return Broken("time_in_future", "time is more than an hour after the load")
        if record.micros < 0:
            return Broken("time_too_old", "time is before 2000")
        return None

    def _identify(self, record: Record, occurrences: Occurrences) -> tuple[bytes, str]:
        """Return the key, and an id to read: equal for a copy in another delivery.

        The record counts as the client wrote it, before redaction, under a key that never
        rotates; nothing of it can be read back from the hash.
        """
        if record.uuid is not None:
            return self._key(b"uuid", record.uuid.encode()), record.uuid
        canonical = _encode_sorted(
            [record.micros, record.session_id, record.client_version, record.attributes]
        )
        digest = self._key(b"record", canonical)
        ordinal = occurrences.count(digest)
        key = digest if ordinal == 1 else self._key(b"copy", digest, b"%d" % ordinal)
        return key, f"{digest.hex()}/{ordinal}"

    def _key(self, *parts: bytes) -> bytes:
        message = b"\0".join((b"qwen_code", *parts))
        return hmac.digest(self._identity_key, message, hashlib.sha256)[:KEY_BYTES]
