"""A line's events, in the order in which they happened."""

from __future__ import annotations

import json

import pytest

from raw_loaders.coze_studio.bodies import PostedEvent, read_line
from tests.unit.coze_studio.posts import body, capture, event, post


def names(line: bytes) -> list[str]:
    """Event names, and reasons of what is broken."""
    return [
        str(part.event["event"]) if isinstance(part, PostedEvent) else part.reason
        for part in read_line(line)
    ]


def test_bodies_turn_the_order_of_a_batch_round() -> None:
    assert names(post(body(event("a", 1), event("b", 2)), body(event("c", 3)))) == ["a", "b", "c"]


def test_captures_are_read_whatever_the_collector_answered() -> None:
    assert names(capture(body(event("a", 1)), code=500)) == ["a"]
    assert names(capture(body(event("a", 1)), url="https://host.example/v1/list?x=1")) == ["a"]


def test_a_capture_may_hold_its_body_as_json() -> None:
    assert names(json.dumps({"url": "/list", "body": [body(event("a", 1))]}).encode()) == ["a"]


@pytest.mark.parametrize("line", [b'{"url": "/webid", "body": "{}"}', post(body()), b"[]"])
def test_posts_without_events_have_none(line: bytes) -> None:
    assert names(line) == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "malformed"),
        (b"\xff", "malformed"),
        (b"7", "malformed"),
        (b"[7]", "malformed"),
        (b'{"events": 7}', "malformed"),
        (b'{"url": "/list", "body": "{"}', "malformed"),
        (b'{"url": "/other", "body": "[]"}', "unknown_type"),
        (b'{"url": 7, "body": "[]"}', "unknown_type"),
        (b"[1e999]", "number_out_of_range"),
        (b"[" * 100_000, "too_deep"),
    ],
)
def test_broken_lines_say_why(line: bytes, reason: str) -> None:
    assert names(line) == [reason]


def test_a_broken_part_leaves_the_others() -> None:
    assert names(post(body(event("a", 1), 7), "junk")) == ["a", "malformed", "malformed"]


def test_unknown_names_around_the_parameters_are_told() -> None:
    odd = {**body({**event("a", 1), "surprise": 1}), "extra": 2}
    (part,) = read_line(post(odd))
    assert isinstance(part, PostedEvent)
    assert part.unknown_names == ("extra", "surprise")
