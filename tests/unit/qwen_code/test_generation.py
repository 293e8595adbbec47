"""The generated catalogue: valid, without content, and from every type the list knows."""

from __future__ import annotations

import json

import pytest

from raw_loaders.catalogue import decode_catalogue, read_catalogue
from raw_loaders.errors import SettingsError
from raw_loaders.qwen_code.generation import generate, known_words


def listed(**fields: tuple[str, bool]) -> bytes:
    described = {
        name: {"type": kind, "optional": True, "content": content}
        for name, (kind, content) in fields.items()
    }
    return json.dumps({"events": [{"wire_name": "qwen-code.thing", "fields": described}]}).encode()


def test_type_of_the_list_becomes_one_of_the_catalogue() -> None:
    text = generate(
        listed(
            a=("s?(new)", False),
            b=("i(1-based)", False),
            c=("b?(<=0.8)", False),
            d=("e(x,y(<=0.8))?(0.24)", False),
            e=("i|s", False),
            f=("n", False),
            g=("arr", False),
            metadata=("obj", False),
        )
    )
    event = decode_catalogue(text.encode(), "thing.yml").events["thing"]
    types = {field.name: field.type for field in event.fields}
    metadata = {name for name in types if name.startswith("metadata.")}
    assert len(metadata) == 8
    assert {name: types[name] for name in types.keys() - metadata} == {
        "session_id": "string",
        "a": "string",
        "b": "integer",
        "c": "boolean",
        "d": "string",
        "e": "integer",
        "f": "number",
        "g": "string",
    }


def test_content_keeps_its_length_at_most() -> None:
    text = generate(listed(prompt=("s", True), args=("json", True), hook=("obj", True)))
    event = decode_catalogue(text.encode(), "thing.yml").events["thing"]
    privacy = {field.name: field.privacy for field in event.fields}
    assert privacy == {"session_id": "keep", "prompt": "length", "args": "length", "hook": "drop"}


def test_enums_words_are_known_without_their_remarks() -> None:
    assert known_words("e(auto,coding-plan,old(<=0.8))?(0.24)") == ["auto", "coding-plan", "old"]
    assert known_words("s") == []


def test_unknown_type_is_named() -> None:
    with pytest.raises(SettingsError, match="quaternion"):
        generate(listed(a=("quaternion", False)))


def test_catalogue_in_the_repository_keeps_no_content() -> None:
    events = read_catalogue("qwen_code").events
    assert len(events) == 53
    privacy = {
        (event.name, field.name): field.privacy
        for event in events.values()
        for field in event.fields
    }
    for event, field in (
        ("user_prompt", "prompt"),
        ("tool_call", "function_args"),
        ("tool_call", "error"),
        ("api_request", "request_text"),
        ("api_response", "response_text"),
        ("api_error", "error_message"),
        ("subagent_execution", "result"),
        ("subagent_execution", "execution_summary"),
        ("hook_call", "hook_input"),
        ("hook_call", "stdout"),
    ):
        assert privacy[event, field] in ("length", "drop")
