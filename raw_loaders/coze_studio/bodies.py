"""What the collector SDK posts: `/list` bodies, bare or in the wrapper of a capture.

Purely structural: a line becomes its events and its broken parts, in the order in which they
happened (a batch lists its newest event first). Parameters are not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

import msgspec

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

# The path that carries events, and those that carry none.
EVENTS_PATH = "list"
EVENTLESS_PATHS = frozenset({"webid", "sendlog", "ping"})
# What is known around `events` in a body and around `params` in an event.
BODY_NAMES = frozenset({"events", "user", "header", "local_time", "verbose"})
EVENT_NAMES = frozenset(
    {"event", "params", "local_time_ms", "session_id", "is_bav", "ab_sdk_version", "event_id"}
)
USER_NAMES = frozenset({"user_unique_id", "web_id", "ssid", "user_id", "user_unique_id_type"})

_decode = msgspec.json.decode
# What msgspec raises on bytes that are no JSON it can hold.
NOT_DECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedEvent:
    """One event as posted. `record` is all that tells it from others: event and poster."""

    event: Mapping[str, Json]
    user: Mapping[str, Json]
    header: Mapping[str, Json]
    # Seconds since 1970 at which the batch was sent, when it says so.
    sent_at: Json
    unknown_names: tuple[str, ...]

    def raw(self) -> bytes:
        """Give a body of this event alone: what a quarantine keeps, and a replay reads."""
        return msgspec.json.encode(
            [
                {
                    "events": [self.event],
                    "user": self.user,
                    "header": self.header,
                    "local_time": self.sent_at,
                }
            ]
        )

    def record(self) -> bytes:
        """Give the canonical record: event and poster, names sorted."""
        return msgspec.json.encode(
            [self.header.get("app_id"), self.user, self.event], order="sorted"
        )


@dataclass(frozen=True, slots=True)
class Broken:
    """A part that is no event; `raw` is None when it is the whole line."""

    reason: str
    detail: str
    raw: bytes | None = None


def read_line(line: bytes) -> Iterator[PostedEvent | Broken]:
    """Give the events of a line and what is broken in it; nothing for a post without events."""
    try:
        document: Json = _decode(line)
    except NOT_DECODABLE as error:
        yield _undecodable(error)
        return
    if isinstance(document, dict) and "body" in document:
        yield from _read_capture(document)
    else:
        yield from _read_bodies(document)


def is_json(raw: bytes) -> bool:
    """Return whether bytes are one JSON document."""
    try:
        _decode(raw)
    except NOT_DECODABLE:
        return False
    return True


def _read_capture(post: Mapping[str, Json]) -> Iterator[PostedEvent | Broken]:
    url, body = post.get("url"), post.get("body")
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2] if isinstance(url, str) else ""
    if last in EVENTLESS_PATHS:
        return
    if last != EVENTS_PATH:
        yield Broken("unknown_type", "a post to an unknown path")
        return
    if isinstance(body, str):
        try:
            body = _decode(body)
        except NOT_DECODABLE as error:
            yield _undecodable(error)
            return
    yield from _read_bodies(body)


def _read_bodies(document: Json) -> Iterator[PostedEvent | Broken]:
    if isinstance(document, dict):
        document = [document]
    if not isinstance(document, list):
        yield Broken("malformed", "neither a list of bodies nor a body")
        return
    for body in document:
        events = body.get("events") if isinstance(body, dict) else None
        if isinstance(body, dict) and isinstance(events, list):
            yield from _read_events(body, events)
        else:
            whole_line = len(document) == 1
            yield Broken(
                "malformed",
                "a body without a list of events",
                None if whole_line else msgspec.json.encode(body),
            )


def _read_events(body: Mapping[str, Json], events: list[Json]) -> Iterator[PostedEvent | Broken]:
    user, header = body.get("user"), body.get("header")
    user = user if isinstance(user, dict) else {}
    header = header if isinstance(header, dict) else {}
    around = {*(body.keys() - BODY_NAMES), *(user.keys() - USER_NAMES)}
    for event in reversed(events):
        if isinstance(event, dict):
            yield PostedEvent(
                event=event,
                user=user,
                header=header,
                sent_at=body.get("local_time"),
                unknown_names=tuple(sorted(around | (event.keys() - EVENT_NAMES))),
            )
        else:
            yield Broken("malformed", "an event is no object", msgspec.json.encode(event))


def _undecodable(error: Exception) -> Broken:
    if isinstance(error, RecursionError):
        return Broken("too_deep", "nested too deeply")
    if isinstance(error, UnicodeDecodeError):
        return Broken("malformed", "not UTF-8")
    if isinstance(error, msgspec.ValidationError):
        return Broken("number_out_of_range", "a number has no finite value")
    return Broken("malformed", "not JSON")
