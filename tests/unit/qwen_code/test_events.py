"""What may be stored of a record, and who it is."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from raw_loaders.catalogue import read_catalogue
from raw_loaders.qwen_code.events import TelemetryEventReader, TelemetryRow
from raw_loaders.qwen_code.records import Broken, Record, read_document
from raw_loaders.redaction import HashKeys, Redactor
from tests.unit.qwen_code.captures import MICROS, SESSION, new_log, old_log, pretty

LATEST = MICROS + 1_000_000
SECRET = "canary-7f3a"


def reader(key: bytes = b"rotating") -> TelemetryEventReader:
    keys = HashKeys(key=key, key_id="k", identity_key=b"identity")
    return TelemetryEventReader(read_catalogue("qwen_code"), Redactor(keys), keys, LATEST)


def record(name: str = "qwen-code.tool_call", **fields: object) -> Record:
    part = read_document(pretty(old_log(name, **fields)))
    assert isinstance(part, Record)
    return part


def row(record: Record, occurrences: Counter[bytes] | None = None) -> TelemetryRow:
    found = reader().read(record, Counter() if occurrences is None else occurrences)
    assert isinstance(found, TelemetryRow)
    return found


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
    assert json.loads(found.payload) == {
        "function_name": "write_file",
        "function_args_length": len(SECRET),
        "error_length": len(SECRET),
        "success": True,
        "duration_ms": 316,
        "metadata.model_added_lines": 5,
    }
    assert found.unknown_fields == ("metadata.path", "workspace")
    assert SECRET not in repr(found)
    assert (found.session_id, found.micros, found.is_catalogued) == (SESSION, MICROS, True)


def test_unknown_event_keeps_its_name_only() -> None:
    found = row(record("qwen-code.brand_new", text=SECRET))
    assert (found.name, found.is_catalogued, found.payload) == ("brand_new", False, b"{}")
    assert found.unknown_fields == ("text",)


def test_field_that_breaks_its_type_is_a_violation_and_absent() -> None:
    found = row(record(duration_ms="slow", success="yes", hook=None))
    assert set(found.violations) == {"duration_ms", "success"}
    assert found.payload == b"{}"


def test_copy_in_another_delivery_is_the_same_event() -> None:
    first, again = row(record(success=True)), row(record(success=True))
    assert first.event_key == again.event_key
    assert row(record(success=False)).event_key != first.event_key


def test_identical_copies_in_one_file_are_events_of_their_own() -> None:
    occurrences: Counter[bytes] = Counter()
    keys = [row(record(), occurrences).event_key for _ in range(3)]
    assert len(set(keys)) == 3
    grown: Counter[bytes] = Counter()
    assert [row(record(), grown).event_key for _ in range(4)][:3] == keys


def test_identity_outlives_the_rotating_key() -> None:
    rotated = reader(b"another").read(record(), Counter())
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
        ({"name": "auth", "fields": {"status": "a\0"}}, "nul_character"),
    ],
)
def test_record_that_cannot_land_has_a_reason(change: dict[str, object], reason: str) -> None:
    part = read_document(pretty(new_log()))
    assert isinstance(part, Record)
    found = reader().read(replace(part, **change), Counter())  # type: ignore[arg-type]
    assert isinstance(found, Broken)
    assert found.reason == reason
