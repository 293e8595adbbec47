"""The catalogue: generated, complete, in step with its seed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from raw_loaders.coze_studio.catalogue import (
    catalogue_text,
    decode_studio_catalogue,
    read_studio_catalogue,
)
from raw_loaders.coze_studio.generation import (
    SEED,
    format_catalogue,
    format_seed,
    generate_catalogue,
)
from raw_loaders.coze_studio.privacy_rules import privacy_of
from raw_loaders.errors import SettingsError


def listed(*events: dict[str, Any]) -> bytes:
    head = {"source": "s", "licence": "l", "commit": "c"}
    return json.dumps({**head, "events": events}).encode()


EVENTS = (
    {
        "key": "buy",
        "event": "buy_click",
        "comment": 'Say "buy"',
        "params": {
            "id": {"type": "string", "required": True},
            "bot_name": {"type": "string", "required": False},
            "amount": {"type": ["string", "number"], "required": False},
            "detail": {"type": "number", "enum": [0, 1], "required": False},
        },
    },
    {"key": "open", "event": "open", "params": {}, "open_schema": {"value": "unknown"}},
    {"key": "closed", "event": "closed", "params": {}, "open_schema": {"value": "never"}},
    {
        "key": "union",
        "event": "union",
        "params": {"a": {"type": "any", "required": False}},
        "variants": [{"type": "object", "fields": {"a": {"type": "any", "required": True}}}],
    },
)


def test_catalogue_says_what_the_list_says() -> None:
    catalogue = generate_catalogue(listed(*EVENTS))
    buy = catalogue.events["buy_click"]
    assert (buy.key, buy.is_open, catalogue.events["open"].key) == ("buy", False, None)
    assert buy.parameters["id"].required
    assert buy.parameters["bot_name"].privacy == "length"
    assert buy.parameters["amount"].types == ("string", "number")
    # A number is no text, whatever its name.
    assert buy.parameters["detail"].privacy == "keep"
    assert buy.parameters["detail"].enum == (0, 1)
    assert catalogue.events["open"].is_open
    assert not catalogue.events["closed"].is_open
    assert catalogue.events["union"].variants[0]["a"].required


def test_catalogue_survives_being_written() -> None:
    catalogue = generate_catalogue(listed(*EVENTS))
    assert decode_studio_catalogue(format_catalogue(catalogue).encode()) == catalogue


def test_a_list_that_names_an_event_twice_is_refused() -> None:
    with pytest.raises(SettingsError, match="twice"):
        generate_catalogue(listed(EVENTS[1], EVENTS[1]))


@pytest.mark.parametrize("text", [b"[]", b"{", listed({"key": "a"})])
def test_a_list_of_another_shape_is_refused(text: bytes) -> None:
    with pytest.raises(SettingsError, match="not readable"):
        generate_catalogue(text)


def test_the_committed_catalogue_and_seed_are_as_generated() -> None:
    catalogue = read_studio_catalogue()
    assert format_catalogue(catalogue).encode() == catalogue_text()
    assert format_seed(catalogue) == SEED.read_text()


def test_the_committed_catalogue_is_complete() -> None:
    events = read_studio_catalogue().events
    assert len(events) == 303
    assert sum(len(event.parameters) for event in events.values()) == 941
    assert {n: e.key for n, e in events.items() if e.key} == {
        "coze_token_buy_click": "buy_token_click",
        "coze_token_buy_amount_click": "choose_amount_click",
        "coze_token_buy_confirm_click": "confirm_checkout_click",
        "coze_panel_show": "eval_panel_show",
        "add_member_pop_up_show_front": "add_member_pop_up_show",
    }
    assert sum(event.is_open for event in events.values()) == 13
    assert sum(bool(event.variants) for event in events.values()) == 3


def test_the_committed_catalogue_follows_the_privacy_rules() -> None:
    for event in read_studio_catalogue().events.values():
        for name, parameter in event.parameters.items():
            if not {"number", "boolean"}.issuperset(parameter.types):
                assert parameter.privacy == privacy_of(name), name


@pytest.mark.parametrize(
    ("name", "privacy"),
    [
        ("bot_name", "length"),
        ("productName", "length"),
        ("error_message", "length"),
        ("error_code", "keep"),
        ("message_id", "keep"),
        ("content_type", "keep"),
        ("text", "length"),
        ("user_id", "hash"),
        ("visited_uid", "hash"),
        ("search_word", "term"),
        ("full_url", "url"),
        ("URL", "url"),
        ("host", "url"),
        ("source", "keep"),
    ],
)
def test_privacy_goes_by_the_words_of_a_name(name: str, privacy: str) -> None:
    assert privacy_of(name) == privacy
