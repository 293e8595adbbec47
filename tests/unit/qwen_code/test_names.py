"""Names of older versions are today's."""

from __future__ import annotations

import pytest

from raw_loaders.qwen_code.flattening import flatten
from raw_loaders.qwen_code.names import event_name, fields_of


@pytest.mark.parametrize(
    ("wire_name", "name"),
    [
        ("qwen-code.tool_call", "tool_call"),
        ("loop_detected", "loop_detected"),
        ("qwen-code.memory.recall", "memory.recall"),
        ("other-client.tool_call", "other-client.tool_call"),
    ],
)
def test_event_name_is_without_the_clients_prefix(wire_name: str, name: str) -> None:
    assert event_name(wire_name) == name


@pytest.mark.parametrize(
    ("name", "older", "today"),
    [
        ("api_error", {"error": "e"}, {"error_message": "e"}),
        ("tool_call", {"error": "e"}, {"error": "e"}),
        ("tool_call", {"error.message": "e", "error.type": "t"}, {"error": "e", "error_type": "t"}),
        ("config", {"debug_enabled": True}, {"debug_mode": True}),
        (
            "chat_compression",
            {"original_token_count": 9, "new_token_count": 3},
            {"tokens_before": 9, "tokens_after": 3},
        ),
        ("api_response", {"status_code": "503"}, {"status_code": 503}),
        ("api_response", {"status_code": "gone"}, {"status_code": "gone"}),
        ("api_response", {"http.status_code": 200, "status_code": 201}, {"status_code": 201}),
        ("api_error", {"model_name": "m", "duration": 5}, {"model": "m", "duration_ms": 5}),
        ("api_error", {"error": "old", "error_message": "new"}, {"error_message": "new"}),
        ("x", {"session.id": "s", "event.name": "x", "event.timestamp": "t"}, {}),
    ],
)
def test_older_field_has_todays_name(
    name: str, older: dict[str, object], today: dict[str, object]
) -> None:
    assert fields_of(name, older) == today


def test_metadata_and_lists_of_texts_are_flattened() -> None:
    arguments = {"function_args": {"path": "a"}}
    assert flatten(arguments) == {"function_args": '{"path":"a"}'}
    fields = {"metadata": {"model_added_lines": 5}, "model_ids": ["a", "b"], "hook_input": {"a": 1}}
    assert flatten(fields) == {
        "metadata.model_added_lines": 5,
        "model_ids": "a,b",
        "hook_input": {"a": 1},
    }
