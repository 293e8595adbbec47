"""One record whichever way it came, and never an exception."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raw_loaders.qwen_code.records import (
    Broken,
    Record,
    Skipped,
    read_body,
    read_document,
    read_recording_line,
)
from tests.unit.qwen_code.captures import (
    METRICS,
    MICROS,
    SESSION,
    SPAN,
    STAMP,
    attributes,
    new_log,
    old_log,
    otlp_body,
    otlp_record,
    pretty,
)


def record(document: dict[str, object]) -> Record:
    (part,) = read_document(pretty(document))
    assert isinstance(part, Record)
    return part


def test_old_and_new_outfiles_give_the_same_record() -> None:
    old, new = record(old_log("qwen-code.auth", status="x")), record(new_log("auth", status="x"))
    assert (old.name, old.micros, old.session_id, old.attributes["status"]) == (
        "auth",
        MICROS,
        SESSION,
        "x",
    )
    assert (new.name, new.micros, new.session_id) == (old.name, old.micros, SESSION)
    assert {**new.attributes, "event.name": None} == {**old.attributes, "event.name": None}
    # What old clients call their version is Node's.
    assert (old.client_version, new.client_version) == (None, "0.24.4")


def test_session_of_the_resource_stands_in() -> None:
    log = old_log()
    del log["attributes"]["session.id"]  # type: ignore[attr-defined]
    assert record(log).session_id == SESSION


def test_carriers_time_stands_in_for_the_events() -> None:
    log = new_log()
    log["attributes"]["event.timestamp"] = "noon"  # type: ignore[index]
    assert record(log).micros == MICROS


@pytest.mark.parametrize(("document", "kind"), [(SPAN, "span"), (METRICS, "metrics")])
def test_what_repeats_events_is_skipped(document: dict[str, object], kind: str) -> None:
    (part,) = read_document(pretty(document))
    assert part == Skipped(kind)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], "malformed"),
        ({"attributes": 3}, "malformed"),
        ({}, "unknown_shape"),
        ({"attributes": {"event.name": ""}}, "unknown_shape"),
        ({"attributes": {"event.name": "x", "session.id": "s"}}, "invalid_envelope"),
        ({"attributes": {"event.name": "x"}, "hrTime": [1, 2]}, "invalid_envelope"),
    ],
)
def test_unreadable_document_is_broken_with_a_reason(document: object, reason: str) -> None:
    (part,) = read_document(pretty(document))
    assert isinstance(part, Broken)
    assert part.reason == reason


def test_otlp_values_are_typed() -> None:
    values: dict[str, dict[str, object]] = {
        "model": {"stringValue": "m"},
        "input_token_count": {"intValue": "9007199254740993"},
        "output_token_count": {"intValue": 5},
        "similarity": {"doubleValue": 0.5},
        "success": {"boolValue": False},
        "model_ids": {"arrayValue": {"values": [{"stringValue": "a"}, {"stringValue": "b"}]}},
        "metadata": {"kvlistValue": {"values": [{"key": "k", "value": {"intValue": "1"}}]}},
        "error_message": {},
    }
    (part,) = read_body(json.dumps(otlp_body(otlp_record(**values))).encode())
    assert isinstance(part, Record)
    assert (part.micros, part.session_id, part.client_version) == (MICROS, SESSION, "0.15.10")
    assert part.attributes == {
        "session.id": SESSION,
        "event.name": "qwen-code.api_response",
        "model": "m",
        "input_token_count": 9007199254740993,
        "output_token_count": 5,
        "similarity": 0.5,
        "success": False,
        "model_ids": ["a", "b"],
        "metadata": {"k": 1},
    }


def test_otlp_body_is_read_in_a_collectors_wrapper_too() -> None:
    body = otlp_body(otlp_record(), otlp_record())
    wrapped = {"path": "/v1/logs", "ct": "application/json", "body": body}
    assert list(read_body(json.dumps(wrapped).encode())) == list(
        read_body(json.dumps(body).encode())
    )


def test_otlp_body_may_be_a_text_of_its_wrapper() -> None:
    body = json.dumps(otlp_body(otlp_record()))
    assert list(read_body(json.dumps({"body": body}).encode())) == list(read_body(body.encode()))


def test_otlp_record_may_name_its_event_and_be_timed_where_it_was_seen() -> None:
    posted = otlp_record(n={"doubleValue": "NaN"}, empty={"arrayValue": {}})
    posted["attributes"] = [
        each
        for each in posted["attributes"]  # type: ignore[attr-defined]
        if each["key"] != "event.name"
    ] + [{"key": "nothing", "value": None}]
    posted |= {"eventName": "qwen-code.auth", "observedTimeUnixNano": posted["timeUnixNano"]}
    posted["timeUnixNano"] = "0"
    (part,) = read_body(json.dumps(otlp_body(posted)).encode())
    assert isinstance(part, Record)
    assert (part.name, part.micros) == ("auth", MICROS)
    assert part.attributes.keys() == {"session.id", "event.name", "empty"}


def test_session_may_stand_in_the_field_of_an_event() -> None:
    log = new_log("end_session", session_id="s-1")
    del log["attributes"]["session.id"]  # type: ignore[attr-defined]
    assert record(log).session_id == "s-1"
    log["attributes"]["session_id"] = ""  # type: ignore[index]
    (part,) = read_document(pretty(log))
    assert part == Broken("invalid_envelope", "no session.id")


def test_otlp_spans_and_metrics_are_skipped() -> None:
    body: dict[str, object] = {"resourceSpans": [{}], "resourceMetrics": []}
    assert list(read_body(json.dumps(body).encode())) == [Skipped("span"), Skipped("metrics")]


@pytest.mark.parametrize("raw", [b"", b"{", b"{}", b'{"body": null}', b"[]", b"\xff"])
def test_body_that_is_none_is_broken(raw: bytes) -> None:
    (part,) = read_body(raw)
    assert isinstance(part, Broken)


def recording(**fields: object) -> bytes:
    line = {
        "uuid": "u-1",
        "sessionId": SESSION,
        "timestamp": STAMP,
        "version": "0.15.10",
        "type": "system",
        "subtype": "ui_telemetry",
        **fields,
    }
    return json.dumps(line).encode()


def test_recording_line_carries_an_event_with_its_own_identity() -> None:
    event = attributes("qwen-code.api_response", model="m", status_code="200")
    del event["session.id"]
    assert read_recording_line(recording(systemPayload={"uiEvent": event})) == Record(
        name="api_response",
        micros=MICROS,
        session_id=SESSION,
        client_version="0.15.10",
        attributes=event,
        uuid="u-1",
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "user", "message": {"parts": [{"text": "secret"}]}},
        {"subtype": "attribution_snapshot", "systemPayload": {"snapshot": {}}},
        {"subtype": None, "systemPayload": [1]},
    ],
)
def test_conversation_is_skipped(fields: dict[str, object]) -> None:
    assert read_recording_line(recording(**fields)) == Skipped("conversation")


@pytest.mark.parametrize("payload", [None, {}, {"uiEvent": {}}, [1], "text"])
def test_recording_telemetry_without_an_event_is_broken(payload: object) -> None:
    assert isinstance(read_recording_line(recording(systemPayload=payload)), Broken)


@settings(deadline=None)
@given(st.binary() | st.text().map(str.encode))
def test_reading_never_raises(raw: bytes) -> None:
    assert all(isinstance(part, Record | Skipped | Broken) for part in read_document(raw))
    assert read_recording_line(raw) is not None
    assert all(isinstance(part, Record | Skipped | Broken) for part in read_body(raw))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["attributes", "hrTime", "_hrTime", "resource", "resourceLogs", "body"]),
        json_values,
    )
)
def test_reading_never_raises_on_json(document: dict[str, object]) -> None:
    raw = json.dumps(document).encode()
    assert all(isinstance(part, Record | Skipped | Broken) for part in read_document(raw))
    assert all(isinstance(part, Record | Skipped | Broken) for part in read_body(raw))
