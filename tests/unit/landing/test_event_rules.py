"""What lands, what lands flagged, what is rejected and why."""

from __future__ import annotations

import json
from typing import Any

import pytest

from raw_loaders.rows import content_of, split_fields
from tests.landing_parts.decoding import decode
from tests.landing_parts.events import make_event, make_line

MESSAGE = {"session_id": "s1", "role": "ai", "message_length": 5}


def landed(line: bytes) -> tuple[dict[str, Any], list[str]]:
    """Give payload and violations of the one row of a line."""
    chunk = decode(line)
    assert chunk.rejected == []
    ((identity, row),) = chunk.rows.items()
    fields = split_fields(content_of(row))
    payload = json.loads((fields[-2] or b"")[1:])
    flags = chunk.flags.get(identity, [])
    return payload, [name for outcome, name in flags if outcome == "violation"]


def reason(line: bytes) -> str:
    chunk = decode(line)
    assert chunk.rows == {}
    ((_, rejection),) = chunk.rejected
    return rejection.reason


@pytest.mark.parametrize(
    ("data", "payload", "violations"),
    [
        (MESSAGE, {"role": "ai", "message_length": 5}, []),
        (MESSAGE | {"response_time_ms": None}, {"role": "ai", "message_length": 5}, []),
        (MESSAGE | {"response_time_ms": ""}, {"role": "ai", "message_length": 5}, []),
        (MESSAGE | {"response_time_ms": 7.0}, MESSAGE | {"response_time_ms": 7}, []),
        (MESSAGE | {"response_time_ms": 0}, MESSAGE | {"response_time_ms": 0}, []),
        (MESSAGE | {"response_time_ms": -1}, MESSAGE, ["response_time_ms"]),
        (MESSAGE | {"response_time_ms": 12.5}, MESSAGE | {"response_time_ms": 12.5}, []),
        (MESSAGE | {"response_time_ms": 0.4}, MESSAGE | {"response_time_ms": 0.4}, []),
        (MESSAGE | {"response_time_ms": 2**31}, MESSAGE | {"response_time_ms": 2**31}, []),
        (MESSAGE | {"response_time_ms": "7"}, MESSAGE, ["response_time_ms"]),
        (MESSAGE | {"response_time_ms": True}, MESSAGE, ["response_time_ms"]),
        (MESSAGE | {"response_time_ms": [7]}, MESSAGE, ["response_time_ms"]),
        (MESSAGE | {"response_time_ms": -0.1}, MESSAGE, ["response_time_ms"]),
        (MESSAGE | {"response_time_ms": 10**30}, MESSAGE, ["response_time_ms"]),
        (MESSAGE | {"message_length": 5.0}, MESSAGE, []),
        (MESSAGE | {"message_length": 5.5}, {"role": "ai"}, ["message_length"]),
        (MESSAGE | {"message_length": 2**31}, {"role": "ai"}, ["message_length"]),
        ({"session_id": "s1", "role": "ai"}, {"role": "ai"}, ["message_length"]),
        (MESSAGE | {"message_length": ""}, {"role": "ai"}, ["message_length"]),
    ],
)
def test_other_fields_that_are_missing_or_broken_land_flagged(
    data: dict[str, Any], payload: dict[str, Any], violations: list[str]
) -> None:
    expected = {name: value for name, value in payload.items() if name != "session_id"}
    assert landed(make_line(data=data)) == (expected, violations)


@pytest.mark.parametrize("sent", ["12.5", "0.4", "1e3", "12.0", "12", "1.25E-2", "1e12"])
def test_a_measured_time_may_have_a_fraction(sent: str) -> None:
    """Producers that time with a fraction of a millisecond lost every latency: `12.5` was NULL."""
    line = make_line(data=MESSAGE | {"response_time_ms": 4711}).replace(b"4711", sent.encode())
    payload, violations = landed(line)
    assert (payload["response_time_ms"], violations) == (float(sent), [])


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"id": ""}, "invalid_envelope"),
        ({"id": 5}, "invalid_envelope"),
        ({"id": "x" * 513}, "invalid_envelope"),
        ({"source": None}, "invalid_envelope"),
        ({"type": ""}, "invalid_envelope"),
        ({"specversion": "0.3"}, "invalid_envelope"),
        ({"time": None}, "invalid_envelope"),
        ({"time": "2025-06-01T08:00:00"}, "invalid_envelope"),
        ({"time": 1748764800}, "invalid_envelope"),
        ({"time": "1748764800000"}, "invalid_envelope"),
        ({"time": "294276-01-01T00:00:00Z"}, "invalid_envelope"),
        ({"time": "0000-01-01T00:00:00Z"}, "time_too_old"),
        ({"time": "1999-12-31T23:59:59.999999Z"}, "time_too_old"),
        ({"time": "2025-06-10T01:00:00.000001Z"}, "time_in_future"),
        ({"time": "2035-06-10T00:00:00Z"}, "time_in_future"),
        ({"type": "session.teleport"}, "unknown_type"),
        ({"type": "Session.Message"}, "unknown_type"),
        ({"data": None}, "invalid_data"),
        ({"data": "text"}, "invalid_data"),
        ({"data": []}, "invalid_data"),
        ({"data": MESSAGE | {"session_id": ""}}, "invalid_data"),
        ({"data": MESSAGE | {"session_id": 5}}, "invalid_data"),
        ({"data": MESSAGE | {"role": "robot"}}, "invalid_data"),
        ({"data": {"session_id": "s1"}}, "invalid_data"),
        ({"type": "ticket.assigned", "data": {"ticket_id": "t"}}, "invalid_data"),
        ({"type": "agent.session_note", "data": {"agent_id": "a"}}, "invalid_data"),
    ],
)
def test_what_identifies_must_be_there(changes: dict[str, Any], why: str) -> None:
    assert reason(make_line(**changes)) == why


@pytest.mark.parametrize("version", ["1.0", "", None])
def test_a_missing_or_empty_version_is_the_one(version: str | None) -> None:
    assert landed(make_line(specversion=version))[1] == []


@pytest.mark.parametrize(
    "time",
    [
        "2000-01-01T00:00:00Z",
        "2025-06-10T01:00:00Z",
        "2025-06-01t08:00:00z",
        "2025-06-01 08:00:00+00:00",
        "2025-06-01T08:00:00.123456789-11:30",
        "2016-12-31T23:59:60Z",
    ],
)
def test_times_of_rfc_3339_are_taken(time: str) -> None:
    assert landed(make_line(time=time))[1] == []


@pytest.mark.parametrize(
    ("sequence", "stored", "violations"),
    [
        ("000012", 12, []),
        (None, None, []),
        ("", None, []),
        (12, None, ["sequence"]),
        ("-1", None, ["sequence"]),
        ("１２", None, ["sequence"]),
        ("9223372036854775807", 2**63 - 1, []),
        ("9223372036854775808", None, ["sequence"]),
        ("0" * 40 + "7", 7, []),
    ],
)
def test_a_broken_sequence_is_null(
    sequence: object, stored: int | None, violations: list[str]
) -> None:
    line = make_line(sequence=sequence)
    chunk = decode(line)
    (row,) = chunk.rows.values()
    raw = split_fields(row[0][:200])[3]
    assert (None if raw is None else int.from_bytes(raw, "big")) == stored
    assert landed(line)[1] == violations


def test_personal_fields_are_redacted_before_anything_else_sees_them() -> None:
    data = {
        "session_id": "s1",
        "channel": "web",
        "customer_id": "anna@example.com",
        "user_agent": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/142.0 Safari/537",
        "nickname": "anna@example.com",
    }
    payload, _ = landed(make_line(type="session.start", data=data))
    assert payload["user_agent"] == "Chrome"
    assert len(payload["customer_id"]) == 64
    assert "anna" not in json.dumps(payload)
    error = {"error_type": "timeout", "error_message": "order 17 of deadbeef01 failed"}
    payload, _ = landed(make_line(type="api.error", data=error))
    assert payload["error_message_length"] == 29
    again = error | {"error_message": "order 4711 of cafebabe9912 failed"}
    other, _ = landed(make_line(type="api.error", data=again))
    assert payload["error_fingerprint"] == other["error_fingerprint"]
    assert "order" not in json.dumps(payload)


def test_a_number_in_a_hashed_field_breaks_its_type() -> None:
    data = {"session_id": "s1", "order_number": 4711, "success": True}
    assert landed(make_line(type="query.order", data=data)) == ({"success": True}, ["order_number"])


def test_unknown_fields_are_named_only_when_the_name_can_be_no_content() -> None:
    data = MESSAGE | {"mood": 1, "anna@example.com": 2, "build": {"deep": [1]}}
    chunk = decode(make_line(data=data, traceparent="00-1"))
    (flags,) = chunk.flags.values()
    assert flags == [
        ("unknown_field", "(other)"),
        ("unknown_field", "build"),
        ("unknown_field", "mood"),
        ("unknown_field", "traceparent"),
    ]


def test_a_rejection_keeps_what_could_be_read_and_no_content() -> None:
    line = make_line(5, data={"session_id": "secret", "role": "secret"}, boot="b7")
    ((where, rejection),) = decode(make_line(0), line).rejected
    assert (where.number, where.offset) == (2, len(make_line(0)) + 1)
    assert (rejection.producer, rejection.event_name) == ("/chat/a", "session.message")
    assert (rejection.boot, rejection.sequence) == ("b7", 6)
    assert str(rejection.event_date) == "2025-06-01"
    assert "secret" not in rejection.detail


def test_an_event_without_keys_is_kept_together_by_its_producer() -> None:
    counters = {"sent": 1, "spooled": 0, "dropped": 0, "errors": 0}
    chunk = decode(make_line(type="tracker.heartbeat", data=counters))
    (row,) = chunk.rows.values()
    name, entity, *keys = split_fields(content_of(row))[:5]
    assert (name, entity, keys) == (b"tracker.heartbeat", b"/chat/a", [None, None, None])


def test_duplicate_names_in_an_object_count_last_as_in_jsonb() -> None:
    text = json.dumps(make_event()).replace('"role": "user"', '"role": "ai", "role": "user"')
    assert landed(text.encode())[0]["role"] == "user"
