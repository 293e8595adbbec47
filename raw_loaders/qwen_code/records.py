"""One shape for what the client reports, whichever way it came.

- Outfile: a document is a log record, a span or a bundle of metrics. The time is `hrTime`
  (versions to 0.15) or `_hrTime` (0.24), the session an attribute, or of the resource.
- OTLP/HTTP: a body holds many records under resources and scopes.
- Chat recording: a line is a part of the conversation, or carries one event.

Only log records are events. Spans and metrics repeat them and are counted, of metrics the
client's own sums kept; conversation is never looked at further than its type.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import msgspec

from raw_loaders.measures import Measure
from raw_loaders.qwen_code.metrics import read_outfile_metrics, read_posted_metrics
from raw_loaders.qwen_code.names import event_name
from raw_loaders.times import parse_time

# Seconds from the Unix epoch to 2000-01-01 UTC.
UNIX_TO_2000 = 946_684_800
# `v20.20.2` is the version of Node, which old clients gave for their own.
NODE_PREFIX = "v"
NAME = "event.name"
SESSION = "session.id"
# What events that end a session, or rate it, may carry in place of it.
OWN_SESSION = "session_id"
VERSION = "service.version"

NotEvent = Literal["span", "metrics", "conversation"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One event. `micros` since 2000-01-01 UTC.

    `attributes` are as they came, unredacted: an identity must outlive a change of names.
    `uuid` is the recording's own identity, None in the other carriers.
    """

    name: str
    micros: int
    session_id: str
    client_version: str | None
    attributes: Mapping[str, object]
    uuid: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something whole that is no event; of metrics, what they say of sessions."""

    kind: NotEvent
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that cannot be read as an event; `detail` holds no content."""

    reason: str
    detail: str


Part: TypeAlias = Record | Skipped | Broken


# Of a part that is not looked into.
ABSENT = msgspec.Raw()


class _Resource(msgspec.Struct, frozen=True):
    raw: list[tuple[str, Any]] | None = msgspec.field(default=None, name="_rawAttributes")
    attributes: dict[str, Any] | None = None


class _OutfileDocument(msgspec.Struct, frozen=True):
    attributes: dict[str, Any] | None = None
    # Of one process always the same, so not read each time.
    resource: msgspec.Raw = ABSENT
    old_time: tuple[int, int] | None = msgspec.field(default=None, name="hrTime")
    new_time: tuple[int, int] | None = msgspec.field(default=None, name="_hrTime")
    scope_metrics: msgspec.Raw = msgspec.field(default=ABSENT, name="scopeMetrics")
    start_time: msgspec.Raw = msgspec.field(default=ABSENT, name="startTime")
    resource_logs: msgspec.Raw = msgspec.field(default=ABSENT, name="resourceLogs")
    resource_spans: msgspec.Raw = msgspec.field(default=ABSENT, name="resourceSpans")
    resource_metrics: msgspec.Raw = msgspec.field(default=ABSENT, name="resourceMetrics")


class _Value(msgspec.Struct, frozen=True):
    text: str | None = msgspec.field(default=None, name="stringValue")
    integer: int | str | None = msgspec.field(default=None, name="intValue")
    number: float | str | None = msgspec.field(default=None, name="doubleValue")
    boolean: bool | None = msgspec.field(default=None, name="boolValue")
    array: _Array | None = msgspec.field(default=None, name="arrayValue")
    map: _Map | None = msgspec.field(default=None, name="kvlistValue")


class _Array(msgspec.Struct, frozen=True):
    values: list[_Value] | None = None


class _KeyValue(msgspec.Struct, frozen=True):
    key: str
    value: _Value | None = None


class _Map(msgspec.Struct, frozen=True):
    values: list[_KeyValue] | None = None


class _LogRecord(msgspec.Struct, frozen=True):
    attributes: list[_KeyValue] | None = None
    time: str | int | None = msgspec.field(default=None, name="timeUnixNano")
    seen: str | int | None = msgspec.field(default=None, name="observedTimeUnixNano")
    # Where a record names its event since OTLP 1.5.
    name: str | None = msgspec.field(default=None, name="eventName")


# Of a body, which may be large, one record at a time is read; a broken one costs itself only.
class _ScopeLogs(msgspec.Struct, frozen=True):
    records: list[msgspec.Raw] | None = msgspec.field(default=None, name="logRecords")


class _OtlpResource(msgspec.Struct, frozen=True):
    attributes: list[_KeyValue] | None = None


class _ResourceLogs(msgspec.Struct, frozen=True):
    resource: _OtlpResource | None = None
    scopes: list[_ScopeLogs] | None = msgspec.field(default=None, name="scopeLogs")


class _OtlpBody(msgspec.Struct, frozen=True):
    logs: list[_ResourceLogs] | None = msgspec.field(default=None, name="resourceLogs")
    spans: msgspec.Raw = msgspec.field(default=ABSENT, name="resourceSpans")
    metrics: msgspec.Raw = msgspec.field(default=ABSENT, name="resourceMetrics")


class _Post(msgspec.Struct, frozen=True):
    """A body in the wrapper of a collector that notes what was posted to it."""

    body: msgspec.Raw = ABSENT


class _Payload(msgspec.Struct, frozen=True):
    event: dict[str, Any] | None = msgspec.field(default=None, name="uiEvent")


class _RecordingLine(msgspec.Struct, frozen=True):
    uuid: str
    session_id: str = msgspec.field(name="sessionId")
    type: str | None = None
    subtype: str | None = None
    version: str | None = None
    timestamp: str | None = None
    payload: msgspec.Raw = msgspec.field(default=ABSENT, name="systemPayload")


_read_document = msgspec.json.Decoder(_OutfileDocument).decode
_read_resource = msgspec.json.Decoder(_Resource | None).decode
_read_text = msgspec.json.Decoder(str).decode
_read_body = msgspec.json.Decoder(_OtlpBody).decode
_read_log_record = msgspec.json.Decoder(_LogRecord).decode
_read_post = msgspec.json.Decoder(_Post).decode
_read_line = msgspec.json.Decoder(_RecordingLine).decode
_read_payload = msgspec.json.Decoder(_Payload).decode
_NOT_READABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_MALFORMED = Broken("malformed", "not JSON of a shape the client writes")


def read_document(raw: bytes) -> Iterable[Part]:
    """Read one document of an outfile, or a body written like one; never raises on content."""
    try:
        document = _read_document(raw)
        of_resource = {} if document.resource is ABSENT else _resource(bytes(document.resource))
    except _NOT_READABLE:
        return (_MALFORMED,)
    if document.scope_metrics is not ABSENT:
        return (Skipped("metrics", read_outfile_metrics(document.scope_metrics)),)
    if document.start_time is not ABSENT:
        return (Skipped("span"),)
    if document.attributes is None and any(
        each is not ABSENT
        for each in (document.resource_logs, document.resource_spans, document.resource_metrics)
    ):
        return read_body(raw)
    time = document.new_time or document.old_time
    micros = None if time is None else _micros(*time)
    return (_record(document.attributes or {}, of_resource, micros),)


@lru_cache(maxsize=256)
def _resource(raw: bytes) -> Mapping[str, object]:
    """Read what is needed of a document's resource."""
    resource = _read_resource(raw) or _Resource()
    attributes = {**dict(resource.raw or ()), **(resource.attributes or {})}
    return {key: attributes[key] for key in (SESSION, VERSION) if key in attributes}


def read_body(raw: bytes) -> Iterator[Part]:
    """Read one OTLP/HTTP body, bare or in a collector's wrapper; never raises on content."""
    try:
        body = _read_body(raw)
        if body == _OtlpBody():
            posted = _read_post(raw).body
            if posted is not ABSENT and bytes(memoryview(posted)[:1]) == b'"':
                posted = msgspec.Raw(_read_text(posted).encode())
            body = _OtlpBody() if posted is ABSENT else _read_body(posted)
    except _NOT_READABLE:
        yield _MALFORMED
        return
    if body == _OtlpBody():
        yield _MALFORMED
        return
    if body.spans is not ABSENT:
        yield Skipped("span")
    if body.metrics is not ABSENT:
        yield Skipped("metrics", read_posted_metrics(body.metrics))
    for logs in body.logs or ():
        of_resource = _values((logs.resource or _OtlpResource()).attributes)
        for scope in logs.scopes or ():
            for record in scope.records or ():
                yield _posted_record(record, of_resource)


def _posted_record(raw: msgspec.Raw, of_resource: Mapping[str, object]) -> Record | Broken:
    try:
        record = _read_log_record(raw)
    except _NOT_READABLE:
        return _MALFORMED
    attributes = _values(record.attributes)
    if record.name:
        attributes.setdefault(NAME, record.name)
    return _record(attributes, of_resource, _nanos(record.time) or _nanos(record.seen))


def read_recording_line(raw: bytes) -> Part:
    """Read one line of a chat recording; never raises on content."""
    try:
        line = _read_line(raw)
        if line.type != "system" or line.subtype != "ui_telemetry":
            return Skipped("conversation")
        event = None if line.payload is ABSENT else _read_payload(line.payload).event
    except _NOT_READABLE:
        return _MALFORMED
    if event is None:
        return Broken("unknown_shape", "telemetry without an event")
    of_resource = {SESSION: line.session_id, VERSION: line.version}
    time = parse_time(line.timestamp) if line.timestamp is not None else None
    return _record(event, of_resource, time, uuid=line.uuid)


def _record(
    attributes: Mapping[str, object],
    of_resource: Mapping[str, object],
    micros: int | None,
    uuid: str | None = None,
) -> Record | Broken:
    """Put an event together; its own `event.timestamp` is the time, else the carrier's."""
    wire_name = attributes.get(NAME)
    if not isinstance(wire_name, str) or not wire_name:
        return Broken("unknown_shape", "a log record without event.name")
    stamp = attributes.get("event.timestamp")
    own = parse_time(stamp) if isinstance(stamp, str) else None
    micros = micros if own is None else own
    if micros is None:
        return Broken("invalid_envelope", "no readable time")
    session = attributes.get(SESSION) or attributes.get(OWN_SESSION) or of_resource.get(SESSION)
    if not isinstance(session, str) or not session:
        return Broken("invalid_envelope", "no session.id")
    if None in attributes.values():
        # What OTLP leaves out, and an outfile may write as null.
        attributes = {key: value for key, value in attributes.items() if value is not None}
    return Record(
        name=event_name(wire_name),
        micros=micros,
        session_id=session,
        client_version=_client_version(of_resource.get(VERSION)),
        attributes=attributes,
        uuid=uuid,
    )


def _client_version(value: object) -> str | None:
    if not isinstance(value, str) or value.startswith(NODE_PREFIX):
        return None
    return value


def _micros(seconds: int, nanos: int) -> int:
    return (seconds - UNIX_TO_2000) * 1_000_000 + (nanos + 500) // 1000


def _nanos(time: str | int | None) -> int | None:
    """Return microseconds since 2000 of Unix nanoseconds; None for no number, or 0: unknown."""
    try:
        nanos = int(time or 0)
    except ValueError:
        return None
    return _micros(*divmod(nanos, 1_000_000_000)) if nanos else None


def _values(pairs: Iterable[_KeyValue] | None) -> dict[str, object]:
    """Return attributes as a mapping; one without a value is absent."""
    plain = ((pair.key, pair.value and _value(pair.value)) for pair in pairs or ())
    return {key: value for key, value in plain if value is not None}


def _value(value: _Value) -> object:
    if value.array is not None:
        return [_value(each) for each in value.array.values or ()]
    if value.map is not None:
        return _values(value.map.values)
    if value.integer is not None:
        # JSON's numbers are too short for OTLP's integers, so they may be texts.
        return _integer(value.integer)
    if isinstance(value.number, str):
        # NaN and infinities are written as texts, and are no numbers to JSON.
        return None
    return next(
        (each for each in (value.text, value.number, value.boolean) if each is not None), None
    )


def _integer(value: int | str) -> object:
    try:
        return int(value)
    except ValueError:
        return value
