"""Lines: CloudEvents that a strict JSON parser takes, whatever was tracked."""

from __future__ import annotations

import json
import logging
import math
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from casebook_tracking import Tracker
from casebook_tracking.encoding import Event, EventEncoder, plain, uuid7
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracking.conftest import sealed_events

NOON_NS = 1_764_158_400_123_456_789


def decode(line: bytes) -> dict[str, object]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    decoded: dict[str, object] = json.loads(line.decode(), parse_constant=refuse)
    return decoded


def encode(data: object, event_type: str = "session.start") -> tuple[dict[str, object], bool]:
    line, is_clean = EventEncoder("/bot/a", "boot-1").encode(Event(NOON_NS, 7, event_type, data))
    return decode(line), is_clean


def test_line_is_a_cloud_event() -> None:
    event, is_clean = encode({"session_id": "会话", "site": None})
    assert is_clean
    uuid.UUID(str(event.pop("id")))
    assert event == {
        "specversion": "1.0",
        "source": "/bot/a",
        "boot": "boot-1",
        "type": "session.start",
        "time": "2025-11-26T12:00:00.123456Z",
        "sequence": "7",
        "datacontenttype": "application/json",
        "data": {"session_id": "会话", "site": None},
    }


@settings(deadline=None)
@given(st.integers(0, 2**61))
def test_time_is_the_calls_in_utc(time_ns: int) -> None:
    time_ns %= 4_000_000_000 * 1_000_000_000
    line, _ = EventEncoder("/s", "b").encode(Event(time_ns, 1, "t", {}))
    expected = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_ns // 1000)
    assert datetime.fromisoformat(str(decode(line)["time"])) == expected


def test_time_changes_with_the_second() -> None:
    encoder = EventEncoder("/s", "b")
    seconds = [NOON_NS, NOON_NS + 876_543_211, NOON_NS + 5_000_000_000, NOON_NS]
    times = [decode(encoder.encode(Event(t, 1, "t", {}))[0])["time"] for t in seconds]
    assert times == [
        "2025-11-26T12:00:00.123456Z",
        "2025-11-26T12:00:01.000000Z",
        "2025-11-26T12:00:05.123456Z",
        "2025-11-26T12:00:00.123456Z",
    ]


@settings(deadline=None)
@given(st.integers(0, 2**62), st.integers(0, 2**64 - 1))
def test_uuid7_is_version_7_of_its_time(time_ns: int, random_bits: int) -> None:
    value = uuid.UUID(uuid7(time_ns, random_bits))
    assert value.version == 7
    assert value.variant == uuid.RFC_4122
    assert value.int >> 80 == time_ns // 1_000_000
    assert value.int & (2**62 - 1) == random_bits & (2**62 - 1)


def test_uuid7_sorts_by_time_within_a_millisecond() -> None:
    values = [uuid7(NOON_NS - NOON_NS % 1_000_000 + step, 2**62 - 1) for step in (0, 500, 999_999)]
    assert values == sorted(values)
    assert len(set(values)) == len(values)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (math.nan, None),
        (-math.inf, None),
        ("a\udc80b", "a?b"),
        ("nul\0", "nul\N{REPLACEMENT CHARACTER}"),
        (10**5000 > 0, True),
        (
            {
                1,
            },
            [1],
        ),
        (datetime(2025, 1, 1, tzinfo=UTC), "2025-01-01 00:00:00+00:00"),
        (b"\xff", "b'\\xff'"),
    ],
)
def test_value_that_json_cannot_hold_becomes_the_nearest(value: object, written: object) -> None:
    event, is_clean = encode({"field": value})
    assert event["data"] == {"field": written}
    assert is_clean is (value is True)


class Hostile:
    """An object whose text cannot be had."""

    def __str__(self) -> str:
        raise ValueError("no")


def test_object_that_fails_to_print_is_named_by_its_class() -> None:
    assert encode({"field": Hostile()})[0]["data"] == {"field": "Hostile"}


class Leaving:
    """An object whose text ends the thread that asks for it."""

    def __str__(self) -> str:
        raise SystemExit(3)


class LazyDict(dict[str, object]):
    """A mapping that fails to be read."""

    def items(self) -> NoReturn:
        """Fail."""
        raise KeyError("lazy")


class BadText(str):
    """A text that cannot be looked up."""

    __hash__ = None  # type: ignore[assignment]


HOSTILE = [Leaving(), LazyDict(a=1), BadText("user")]


@pytest.mark.parametrize("value", HOSTILE)
def test_value_that_fails_to_be_read_is_an_event_all_the_same(value: object, spool: Path) -> None:
    """Its number was missing and not declared, or the writer thread was dead."""
    tracker = Tracker("/a", spool)
    tracker.track("session.message", session_id="s", role=value, message_length=1)
    tracker.track("agent.login", agent_id="after")
    assert tracker.close()
    assert [event["sequence"] for event in sealed_events(spool)] == ["1", "2", "3"]
    assert tracker.counters.errors == 1
    assert tracker.counters.dropped == 0


def test_fault_while_an_event_is_taken_is_a_declared_drop(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = Tracker("/a", spool)

    def refuse(record: logging.LogRecord) -> bool:
        raise OSError("the service's own filter")

    logger = logging.getLogger("casebook_tracking")
    logger.addFilter(refuse)
    try:
        tracker.track("no.such.event")
        tracker.track("agent.login", agent_id="after")
        assert tracker.close()
    finally:
        logger.removeFilter(refuse)
    assert sealed_events(spool)[-1]["data"]["dropped"] == tracker.counters.dropped == 1


def test_endless_and_deep_data_is_cut() -> None:
    loop: dict[str, object] = {}
    loop["again"] = loop
    event, is_clean = encode(loop)
    assert not is_clean
    assert len(json.dumps(event)) < 2000
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert encode({"deep": deep})[1] is False


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)


@settings(deadline=None)
@given(anything, st.text(st.characters(), max_size=20))
def test_anything_becomes_one_line_of_strict_json(data: object, event_type: str) -> None:
    event, _ = encode(data, event_type)
    assert "\0" not in json.dumps(event, ensure_ascii=False)
    assert set(event) >= {"id", "source", "type", "time", "sequence", "data"}


@settings(deadline=None)
@given(anything)
def test_plain_is_plain_already_when_done_twice(data: object) -> None:
    assert plain(plain(data)) == plain(data)
