"""What may be stored of a record, and who it is."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from msgspec.structs import replace

from raw_loaders.catalogue import read_catalogue
from raw_loaders.occurrences import Occurrences
from raw_loaders.qwen_code.events import TelemetryEventReader, TelemetryRow
from raw_loaders.qwen_code.records import Broken, Record, read_body, read_document
from raw_loaders.redaction import HashKeys, Redactor
from tests.unit.qwen_code.captures import (
    MICROS,
    SESSION,
    STAMP,
    new_log,
    old_log,
    otlp_body,
    otlp_record,
    pretty,
)

LATEST = MICROS + 1_000_000
SECRET = "canary-7f3a"


def reader(key: bytes = b"rotating") -> TelemetryEventReader:
    keys = HashKeys(key=key, key_id="k", identity_key=b"identity")
    return TelemetryEventReader(read_catalogue("qwen_code"), Redactor(keys), keys, LATEST)


def record(name: str = "qwen-code.tool_call", **fields: object) -> Record:
    (part,) = read_document(pretty(old_log(name, **fields)))
    assert isinstance(part, Record)
    return part


def row(record: Record, occurrences: Occurrences | None = None) -> TelemetryRow:
    found = reader().read(record, Occurrences() if occurrences is None else occurrences)
    assert isinstance(found, TelemetryRow)
    return found


def stored(row: TelemetryRow) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(row.payload))


def test_content_leaves_its_length_and_nothing_else() -> None:
    found = row(
        record(
            function_name="write_file",
            function_args=SECRET,
            error=SECRET,
            success=True,
            duration_ms=316,
            metadata={"model_added_lines": 5, "path": SECRET},
            workspace=SECRET,
        )
    )
    assert stored(found)["fields"] == {
        "function_name": "write_file",
        "function_args_length": len(SECRET),
        "error_length": len(SECRET),
        "success": True,
        "duration_ms": 316,
        "metadata.model_added_lines": 5,
    }
    assert found.unknown_fields == ("metadata.path", "workspace")
    assert SECRET not in repr(found)
    assert (found.session_id, found.micros) == (SESSION, MICROS)
    assert stored(found)["is_catalogued"] is True


def test_unknown_event_keeps_its_name_only() -> None:
    found = row(record("qwen-code.brand_new", text=SECRET))
    assert found.name == "brand_new"
    assert stored(found) == {"is_catalogued": False, "client_version": None, "fields": {}}
    assert found.unknown_fields == ("text",)


def test_field_that_breaks_its_type_is_a_violation_and_absent() -> None:
    found = row(record(duration_ms="slow", success="yes", hook=None))
    assert set(found.violations) == {"duration_ms", "success"}
    assert stored(found)["fields"] == {}


def test_copy_in_another_delivery_is_the_same_event() -> None:
    first, again = row(record(success=True)), row(record(success=True))
    assert first.event_key == again.event_key
    assert row(record(success=False)).event_key != first.event_key


def test_same_record_by_outfile_and_otlp_is_one_event() -> None:
    document = new_log("qwen-code.auth", status="success", n=2, error_message=None)
    values: dict[str, dict[str, object]] = {
        "status": {"stringValue": "success"},
        "n": {"intValue": "2"},
        "error_message": {},
    }
    record = otlp_record(**values)
    record["attributes"] += [  # type: ignore[operator]
        {"key": "event.timestamp", "value": {"stringValue": STAMP}}
    ]
    record["attributes"][1]["value"] = {"stringValue": "qwen-code.auth"}  # type: ignore[index]
    document["resource"] = {"_rawAttributes": [["service.version", "0.15.10"]]}
    (by_outfile,) = read_document(pretty(document))
    (by_otlp,) = read_body(json.dumps(otlp_body(record)).encode())
    assert isinstance(by_outfile, Record)
    assert isinstance(by_otlp, Record)
    assert row(by_outfile) == row(by_otlp)


def test_identical_copies_in_one_file_are_events_of_their_own() -> None:
    occurrences: Occurrences = Occurrences()
    keys = [row(record(), occurrences).event_key for _ in range(3)]
    assert len(set(keys)) == 3
    grown: Occurrences = Occurrences()
    assert [row(record(), grown).event_key for _ in range(4)][:3] == keys


def test_identity_outlives_the_rotating_key() -> None:
    rotated = reader(b"another").read(record(), Occurrences())
    assert isinstance(rotated, TelemetryRow)
    assert rotated.event_key == row(record()).event_key


def test_recordings_identity_is_its_uuid() -> None:
    one, other = replace(record(), uuid="u-1"), replace(record(success=True), uuid="u-1")
    assert row(one).event_key == row(other).event_key
    assert row(one).event_id == "u-1"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"micros": LATEST + 1}, "time_in_future"),
        ({"micros": -1}, "time_too_old"),
        ({"session_id": "s" * 600}, "invalid_envelope"),
        ({"name": "n" * 200}, "invalid_envelope"),
        ({"session_id": "a\0"}, "nul_character"),
        ({"name": "auth", "attributes": {"status": "a\0"}}, "nul_character"),
    ],
)
def test_record_that_cannot_land_has_a_reason(change: dict[str, object], reason: str) -> None:
    (part,) = read_document(pretty(new_log()))
    assert isinstance(part, Record)
    found = reader().read(replace(part, **change), Occurrences())
    assert isinstance(found, Broken)
    assert found.reason == reason
