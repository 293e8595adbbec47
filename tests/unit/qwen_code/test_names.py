"""Names of older versions are today's."""

from __future__ import annotations

import pytest

from raw_loaders.catalogue import read_catalogue
from raw_loaders.qwen_code.fields import EventFields, StoredFields
from raw_loaders.qwen_code.names import event_name
from raw_loaders.redaction import HashKeys, Redactor


def read(name: str, attributes: dict[str, object]) -> StoredFields:
    event = read_catalogue("qwen_code").events[name]
    redactor = Redactor(HashKeys(key=b"k", key_id="k", identity_key=b"i"))
    return EventFields(name, event.fields, redactor).read(attributes)


@pytest.mark.parametrize(
    ("wire_name", "name"),
    [
        ("qwen-code.tool_call", "tool_call"),
        ("loop_detected", "loop_detected"),
        ("qwen-code.memory.recall", "memory.recall"),
        ("cli_config", "config"),
        ("qwen-code.content_retry", "chat.content_retry"),
        ("other-client.tool_call", "other-client.tool_call"),
    ],
)
def test_event_name_is_without_the_clients_prefix(wire_name: str, name: str) -> None:
    assert event_name(wire_name) == name


@pytest.mark.parametrize(
    ("name", "older", "today"),
    [
        ("api_error", {"error": "four"}, {"error_message_length": 4}),
        ("tool_call", {"error": "four"}, {"error_length": 4}),
        (
            "tool_call",
            {"error.message": "e", "error.type": "t"},
            {"error_length": 1, "error_type": "t"},
        ),
        ("config", {"debug_enabled": True}, {"debug_mode": True}),
        (
            "chat_compression",
            {"original_token_count": 9, "new_token_count": 3},
            {"tokens_before": 9, "tokens_after": 3},
        ),
        ("api_response", {"status_code": "503"}, {"status_code": 503}),
        ("api_response", {"http.status_code": 200, "status_code": 201}, {"status_code": 201}),
        ("api_response", {"status_code": 201, "http.status_code": 200}, {"status_code": 201}),
        ("api_error", {"model_name": "m", "duration": 5}, {"model": "m", "duration_ms": 5}),
        ("api_error", {"error": "old", "error_message": "today"}, {"error_message_length": 5}),
        ("auth", {"session.id": "s", "event.name": "x", "event.timestamp": "t"}, {}),
    ],
)
def test_older_field_has_todays_name(
    name: str, older: dict[str, object], today: dict[str, object]
) -> None:
    assert read(name, older) == (today, (), ())


@pytest.mark.parametrize("names", [("prompt", "prompt_length"), ("prompt_length", "prompt")])
def test_length_of_a_prompt_is_the_clients(names: tuple[str, str]) -> None:
    # Which counts otherwise than we do: two for a character beyond the basic plane.
    values: dict[str, object] = {"prompt": "\U0001f600", "prompt_length": 2}
    assert read("user_prompt", {name: values[name] for name in names}).values == {
        "prompt_length": 2
    }


def test_result_of_a_check_is_a_word_or_nothing() -> None:
    assert read("next_speaker_check", {"result": "user"}).values == {"result": "user"}
    assert read("next_speaker_check", {"result": "The user said"}) == ({}, ("result",), ())


def test_status_code_that_is_no_number_is_a_violation() -> None:
    assert read("api_response", {"status_code": "gone"}) == ({}, ("status_code",), ())


def test_metadata_and_lists_of_texts_are_flattened() -> None:
    arguments = {"function_args": {"path": "a"}, "metadata": {"model_added_lines": 5, "x": 1}}
    assert read("tool_call", arguments) == (
        {"function_args_length": len('{"path":"a"}'), "metadata.model_added_lines": 5},
        (),
        ("metadata.x",),
    )
    listed = {"model_ids": ["a", "b"], "task_length": 3}
    assert read("arena_session_started", listed).values == {"model_ids": "a,b", "task_length": 3}
    assert read("hook_call", {"hook_input": {"a": 1}}).values == {}
    assert read("tool_call", {"metadata": "text"}).unknown == ("metadata",)


def test_value_that_is_too_great_or_too_long_is_a_violation() -> None:
    values, violations, _ = read("tool_call", {"duration_ms": 2**40, "status": "s" * 513})
    assert (values, violations) == ({}, ("duration_ms", "status"))
    assert read("tool_call", {"duration_ms": True, "success": 1}).violations == (
        "duration_ms",
        "success",
    )
