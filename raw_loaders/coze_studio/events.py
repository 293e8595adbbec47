"""One posted event as what may be stored: identity, keys, time and redacted payload. Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from raw_loaders.coze_studio.bodies import NOT_DECODABLE, Broken
from raw_loaders.coze_studio.parameters import ParameterChecker, speakable
from raw_loaders.coze_studio.storable import Stored, clean_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from raw_loaders.coze_studio.bodies import Json, PostedEvent
    from raw_loaders.coze_studio.catalogue import StudioCatalogue
    from raw_loaders.occurrences import Occurrences
    from raw_loaders.redaction import HashKeys, Redactor

# 1970-01-01, where the SDK counts from, in microseconds since 2000-01-01.
UNIX_EPOCH_MICROS = -946_684_800_000_000
# Times beyond are no dates.
MAX_UNIX_MS = 253_402_300_799_999
MAX_EVENT_INDEX = 2**53
MAX_NAME_CHARACTERS = 128
KEY_BYTES = 16
# Shown as the producer of events whose header names no app.
UNKNOWN_APP = "unknown"
# Around the parameters, what is a violation only when it is there; other fields also when missing.
BROKEN = frozenset({"event_index", "params"})
# Of the header, what describes the client; the rest is not stored.
STORED_HEADER = (
    "app_name",
    "browser",
    "device_model",
    "language",
    "os_name",
    "platform",
    "sdk_lib",
    "sdk_version",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductEventRow:
    """An event that lands. `micros` since 2000-01-01 UTC; keys are hashed but for the app."""

    micros: int
    event_key: bytes
    event_id: str
    event_index: int | None
    app_id: str
    name: str
    device_key: str | None
    user_key: str | None
    visit_id: str | None
    payload: bytes
    violations: tuple[str, ...]
    unknown_names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedEvent:
    """An event that does not land, and what could be read of it."""

    broken: Broken
    app_id: str | None
    name: str | None = None
    micros: int | None = None
    device_key: str | None = None
    event_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Poster:
    """Who posted: `id` is the device's or else the user's, as it came; never stored."""

    app_id: str
    id: str | None
    device_key: str | None
    user_key: str | None


class StudioEventReader:
    """Decides on posted events; `latest` is the last admissible time in microseconds."""

    def __init__(
        self, catalogue: StudioCatalogue, redactor: Redactor, keys: HashKeys, latest: int
    ) -> None:
        self._catalogue = catalogue
        self._redactor = redactor
        self._identity_key = keys.identity_key
        self._latest = latest
        self._checker = ParameterChecker(catalogue, redactor)

    def read(
        self, posted: PostedEvent, occurrences: Occurrences
    ) -> ProductEventRow | RejectedEvent:
        """Decide on one event; `occurrences` counts equal records of its object so far.

        Only events without an index are counted: their place among equals is their identity.
        """
        poster = self._read_poster(posted)
        name = clean_text(posted.event.get("event"), MAX_NAME_CHARACTERS)
        values, around = _parameters(posted.event.get("params"))
        index = _event_index(values.get("event_index"))
        micros, is_own_time = _time(posted)
        rejection = self._rejection(name, micros)
        if rejection is not None or name is None or micros is None:
            return RejectedEvent(
                broken=Broken(*(rejection or ("", "")), posted.raw()),
                app_id=poster.app_id,
                name=None if name is None else self._speakable_event(name),
                micros=micros,
                device_key=poster.device_key,
                event_index=index,
            )
        checked = self._checker.check(name, values)
        checked.stored.pop("event_index", None)
        visit_id = clean_text(posted.event.get("session_id"))
        around += _broken_envelope(values, index, visit_id, is_own_time=is_own_time)
        # Their values are not among those stored: what was there is named.
        broken = [name for name in around if name in BROKEN or posted.event.get(name) is not None]
        unknown = [*map(speakable, posted.unknown_names), *checked.unknown]
        event_key, event_id = self._identify(posted, poster, index, occurrences)
        return ProductEventRow(
            micros=micros,
            event_key=event_key,
            event_id=event_id,
            event_index=index,
            app_id=poster.app_id,
            name=self._speakable_event(name),
            device_key=poster.device_key,
            user_key=poster.user_key,
            visit_id=visit_id,
            payload=self._payload(posted, name, checked.stored, unknown, broken),
            violations=tuple(dict.fromkeys([*checked.violations, *around])),
            unknown_names=tuple(dict.fromkeys(unknown)),
        )

    def _speakable_event(self, name: str) -> str:
        """Give a name of the catalogue, or one that looks like a name: others may be content."""
        return name if name in self._catalogue.events else speakable(name)

    def _read_poster(self, posted: PostedEvent) -> _Poster:
        web_id = _identifier(posted.user.get("web_id"))
        user_id = _identifier(posted.user.get("user_unique_id"))
        user_key = self._hash("user_unique_id", user_id)
        device_key = self._hash("web_id", web_id) or user_key
        return _Poster(
            app_id=_identifier(posted.header.get("app_id")) or UNKNOWN_APP,
            id=web_id or user_id,
            device_key=device_key,
            user_key=user_key or device_key,
        )

    def _payload(
        self,
        posted: PostedEvent,
        name: str,
        stored: Stored,
        unknown: list[str],
        broken: list[str],
    ) -> bytes:
        payload: Stored = {
            "is_catalogued": name in self._catalogue.events,
            "params": stored,
            "header": _stored_header(posted),
        }
        if unknown:
            payload["unknown"] = list(dict.fromkeys(unknown))
        if broken:
            payload["broken_envelope"] = broken
        return msgspec.json.encode(payload)

    def _rejection(self, name: str | None, micros: int | None) -> tuple[str, str] | None:
        if name is None:
            return "invalid_envelope", "event is missing or no usable text"
        if micros is None:
            return "invalid_envelope", "local_time_ms is missing or no time"
        if micros > self._latest:
            return "time_in_future", "time is more than an hour after the load"
        if micros < 0:
            return "time_too_old", "time is before 2000"
        return None

    def _identify(
        self,
        posted: PostedEvent,
        poster: _Poster,
        index: int | None,
        occurrences: Occurrences,
    ) -> tuple[bytes, str]:
        """Key and readable id: the counter's value, else the record's place among equals."""
        if index is not None and poster.id is not None and poster.app_id != UNKNOWN_APP:
            counter = poster.app_id.encode(), poster.id.encode(), b"%d" % index
            return self._key(b"index", *counter), str(index)
        record = self._key(b"record", posted.record())
        ordinal = occurrences.count(record)
        return self._key(b"copy", record, b"%d" % ordinal), f"{record.hex()}/{ordinal}"

    def _key(self, *parts: bytes) -> bytes:
        message = b"\0".join((b"coze_studio", *parts))
        return hmac.digest(self._identity_key, message, hashlib.sha256)[:KEY_BYTES]

    def _hash(self, name: str, text: str | None) -> str | None:
        return None if text is None else self._redactor.hash(name, text)


def _parameters(raw: Json) -> tuple[dict[str, Json], list[str]]:
    """Decode `params`; what breaks: not an object, or text that is no JSON object."""
    if isinstance(raw, str):
        try:
            raw = msgspec.json.decode(raw)
        except NOT_DECODABLE:
            return {}, ["params"]
    if isinstance(raw, dict):
        return raw, []
    return {}, [] if raw is None else ["params"]


def _broken_envelope(
    values: Mapping[str, Json], index: int | None, visit_id: str | None, *, is_own_time: bool
) -> Iterator[str]:
    """Name what is broken around the parameters, and an index that is none."""
    if not is_own_time:
        yield "local_time_ms"
    if values.get("event_index") is not None and index is None:
        yield "event_index"
    if visit_id is None:
        yield "session_id"


def _event_index(raw: Json) -> int | None:
    is_index = isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw <= MAX_EVENT_INDEX
    return raw if is_index and isinstance(raw, int) else None


def _time(posted: PostedEvent) -> tuple[int | None, bool]:
    """Microseconds since 2000, and whether it is the event's own: else the batch's is taken."""
    own = _unix_ms(posted.event.get("local_time_ms"))
    if own is not None:
        return UNIX_EPOCH_MICROS + round(own * 1000), True
    sent_at = posted.sent_at
    if isinstance(sent_at, int | float) and not isinstance(sent_at, bool):
        sent_ms = _unix_ms(sent_at * 1000)
        if sent_ms is not None:
            return UNIX_EPOCH_MICROS + round(sent_ms * 1000), False
    return None, False


def _unix_ms(raw: Json) -> int | float | None:
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool)
    return raw if is_number and isinstance(raw, int | float) and 0 <= raw <= MAX_UNIX_MS else None


def _identifier(raw: Json) -> str | None:
    """Give an id as text; SDKs send numbers and texts for the same id."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    return clean_text(raw)


def _stored_header(posted: PostedEvent) -> dict[str, str]:
    texts = {name: clean_text(posted.header.get(name)) for name in STORED_HEADER}
    return {name: text for name, text in texts.items() if text is not None}
