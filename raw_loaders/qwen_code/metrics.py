"""The client's own counters, as outfiles and OTLP bodies hold them: what a session used. Pure.

Only cumulative sums of a session are read; client 0.24 names no session in them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from raw_loaders.catalogue import MAX_TEXT_LENGTH
from raw_loaders.measures import Measure
from raw_loaders.qwen_code.names import PREFIX

SESSION = "session.id"
# Seconds from the Unix epoch to 2000-01-01 UTC.
UNIX_TO_2000 = 946_684_800
# What is kept, by the counter's name; tokens by their type.
CALLS = {"api.request.count": "api_calls", "tool.call.count": "tool_calls"}
TOKENS = "token.usage"
TOKEN_TYPES = {
    "input": "input_tokens",
    "output": "output_tokens",
    "cache": "cached_tokens",
    "thought": "thoughts_tokens",
}
# The client's SDK and OTLP number temporalities otherwise.
SDK_CUMULATIVE, OTLP_CUMULATIVE = 1, (2, "AGGREGATION_TEMPORALITY_CUMULATIVE")
MAX_COUNT = 2**53

# Counter's name without prefix, attributes, start and end in microseconds since 2000, value.
Point: TypeAlias = tuple[str, Mapping[str, object], int | None, int | None, object]


class _Point(msgspec.Struct, frozen=True):
    attributes: dict[str, Any] = {}
    # [s, ns], or a mark where the same list stands in more than one place.
    start: Any = msgspec.field(default=None, name="startTime")
    end: Any = msgspec.field(default=None, name="endTime")
    value: Any = None


class _Descriptor(msgspec.Struct, frozen=True):
    name: str


class _Metric(msgspec.Struct, frozen=True):
    descriptor: _Descriptor
    temporality: int = msgspec.field(default=0, name="aggregationTemporality")
    points: list[_Point] = msgspec.field(default=[], name="dataPoints")


class _Scope(msgspec.Struct, frozen=True):
    metrics: list[_Metric] = []


class _OtlpPoint(msgspec.Struct, frozen=True):
    attributes: list[dict[str, Any]] = []
    start: int | str | None = msgspec.field(default=None, name="startTimeUnixNano")
    end: int | str | None = msgspec.field(default=None, name="timeUnixNano")
    value: int | str | None = msgspec.field(default=None, name="asInt")


class _OtlpSum(msgspec.Struct, frozen=True):
    temporality: int | str = msgspec.field(default=0, name="aggregationTemporality")
    points: list[_OtlpPoint] = msgspec.field(default=[], name="dataPoints")


class _OtlpMetric(msgspec.Struct, frozen=True):
    name: str
    sum: _OtlpSum = _OtlpSum()


class _OtlpScope(msgspec.Struct, frozen=True):
    metrics: list[_OtlpMetric] = []


class _OtlpResourceMetrics(msgspec.Struct, frozen=True):
    scopes: list[_OtlpScope] = msgspec.field(default=[], name="scopeMetrics")


_read_scopes = msgspec.json.Decoder(list[_Scope]).decode
_read_resources = msgspec.json.Decoder(list[_OtlpResourceMetrics]).decode
_NOT_READABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read_outfile_metrics(scope_metrics: msgspec.Raw) -> tuple[Measure, ...]:
    """Read the `scopeMetrics` of an outfile's document; nothing of what is of another shape."""
    try:
        scopes = _read_scopes(scope_metrics)
    except _NOT_READABLE:
        return ()
    return _measures(
        (
            metric.descriptor.name,
            point.attributes,
            _pair(point.start),
            _pair(point.end),
            point.value,
        )
        for scope in scopes
        for metric in scope.metrics
        if metric.temporality == SDK_CUMULATIVE
        for point in metric.points
    )


def read_posted_metrics(resource_metrics: msgspec.Raw) -> tuple[Measure, ...]:
    """Read the `resourceMetrics` of an OTLP body likewise."""
    try:
        resources = _read_resources(resource_metrics)
    except _NOT_READABLE:
        return ()
    return _measures(
        (metric.name, _texts(point.attributes), _nanos(point.start), _nanos(point.end), point.value)
        for resource in resources
        for scope in resource.scopes
        for metric in scope.metrics
        if metric.sum.temporality in OTLP_CUMULATIVE
        for point in metric.sum.points
    )


def _measures(points: Iterable[Point]) -> tuple[Measure, ...]:
    """Sum points by session; its times are the first start and the last end among them."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    spans: dict[str, list[int]] = defaultdict(list)
    for name, attributes, start, end, value in points:
        session = attributes.get(SESSION)
        if not isinstance(session, str) or not 0 < len(session) <= MAX_TEXT_LENGTH:
            continue
        spans[session] += [time for time in (start, end) if time is not None and time >= 0]
        kept = _kept_name(name.removeprefix(PREFIX), attributes)
        count = _count(value)
        if kept is not None and count is not None:
            counts[session][kept] += count
    return tuple(
        Measure(session, min(spans[session]), max(spans[session]), dict(found))
        for session, found in counts.items()
        if spans[session] and "\0" not in session
    )


def _kept_name(name: str, attributes: Mapping[str, object]) -> str | None:
    if name == TOKENS:
        return TOKEN_TYPES.get(str(attributes.get("type")))
    return CALLS.get(name)


def _count(value: object) -> int | None:
    """Return a counter's value; OTLP may write it as a text."""
    try:
        count = int(value) if isinstance(value, int | str) else None
    except ValueError:
        return None
    return count if count is not None and 0 <= count <= MAX_COUNT else None


def _pair(time: object) -> int | None:
    match time:
        case [int(seconds), int(nanos)]:
            return (seconds - UNIX_TO_2000) * 1_000_000 + nanos // 1000
    return None


def _nanos(time: int | str | None) -> int | None:
    try:
        nanos = int(time or 0)
    except ValueError:
        return None
    return _pair([*divmod(nanos, 1_000_000_000)]) if nanos else None


def _texts(pairs: Iterable[Mapping[str, Any]]) -> dict[str, object]:
    """Give the attributes that are texts: those that tell sessions and kinds apart."""

    def found() -> Iterator[tuple[str, object]]:
        for pair in pairs:
            value = pair.get("value")
            if isinstance(value, dict):
                yield str(pair.get("key")), value.get("stringValue")

    return dict(found())
