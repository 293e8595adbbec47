"""Parameters against a small catalogue."""

from __future__ import annotations

from typing import Any

import pytest

from raw_loaders.coze_studio.catalogue import (
    Parameter,
    ProductEvent,
    StudioCatalogue,
)
from raw_loaders.coze_studio.parameters import CheckedParameters, ParameterChecker


class Hasher:
    """Shows what would be hashed."""

    def hash(self, name: str, text: str) -> str:
        """See `TextHasher`."""
        return f"hash({name}, {text})"


TEXT = Parameter(types=("string",), privacy="length")
CATALOGUE = StudioCatalogue(
    source="coze_studio",
    title="t",
    description="d",
    generated_from={},
    keeps_rejected_bytes=True,
    sdk_parameters={"event_index": Parameter(types=("number",)), "title": TEXT},
    events={
        "plain": ProductEvent(
            parameters={
                "id": Parameter(types=("string",), required=True),
                "count": Parameter(types=("number",)),
                "flag": Parameter(types=("boolean",)),
                "code": Parameter(types=("string", "number")),
                "ids": Parameter(types=("array",)),
                "anything": Parameter(types=("any",)),
                "kind": Parameter(types=("string",), enum=("a", "b", "")),
                "level": Parameter(types=("number",), enum=(0, 1)),
                "name": TEXT,
                "tab_name": Parameter(types=("string",), privacy="length", enum=("home",)),
                "user_id": Parameter(types=("string",), privacy="hash"),
                "word": Parameter(types=("string",), privacy="term"),
                "url": Parameter(types=("string",), privacy="url"),
            }
        ),
        "open": ProductEvent(is_open=True),
        "union": ProductEvent(
            parameters={
                "action": Parameter(types=("string",), enum=("go", "exit")),
                "reply": Parameter(types=("string",)),
            },
            variants=(
                {
                    "action": Parameter(types=("string",), required=True, enum=("go",)),
                    "reply": Parameter(types=("string",), required=True),
                },
                {"action": Parameter(types=("string",), required=True, enum=("exit",))},
            ),
        ),
    },
)


def check(name: str, /, **values: Any) -> CheckedParameters:
    return ParameterChecker(CATALOGUE, Hasher()).check(name, values)


@pytest.mark.parametrize(
    ("values", "stored"),
    [
        ({"count": 1.5}, {"count": 1.5}),
        ({"flag": False}, {"flag": False}),
        ({"code": "x"}, {"code": "x"}),
        ({"code": 7}, {"code": 7}),
        ({"ids": ["a", "b"]}, {"ids": ["a", "b"]}),
        ({"anything": True}, {"anything": True}),
        ({"kind": "a"}, {"kind": "a"}),
        ({"level": 1}, {"level": 1}),
        ({"name": "Ann's bot"}, {"name_length": 9}),
        ({"tab_name": "home"}, {"tab_name": "home"}),
        ({"user_id": "ann"}, {"user_id": "hash(user_id, ann)"}),
        ({"word": "  Big  SECRET "}, {"word": "hash(word, big secret)", "word_length": 14}),
        ({"url": "https://h.example/space/1?q=s"}, {"url": "h.example/space/:id"}),
        ({"title": "Ann"}, {"title_length": 3}),
        ({"count": None, "kind": "", "name": ""}, {}),
    ],
)
def test_valid_parameters_are_stored_by_their_class(
    values: dict[str, Any], stored: dict[str, Any]
) -> None:
    checked = check("plain", id="i", **values)
    assert checked.stored == {"id": "i", **stored}
    assert checked.violations == []
    assert checked.unknown == []


@pytest.mark.parametrize(
    ("values", "stored"),
    [
        ({"count": "12"}, {"count": "12"}),
        ({"count": True}, {"count": True}),
        ({"count": 2.0**60}, {"count": "1.152921504606847e+18"}),
        ({"flag": "true"}, {"flag": "true"}),
        ({"kind": "c"}, {"kind": "c"}),
        ({"level": 2}, {"level": 2}),
        ({"level": True}, {"level": True}),
        ({"name": 13_800_000_000}, {"name_length": 11}),
        ({"name": {"a": 1}}, {"name_count": 1}),
        ({"name": ["secret"]}, {"name_count": 1}),
        ({"tab_name": "Ann"}, {"tab_name_length": 3}),
        ({"user_id": 42}, {"user_id": "hash(user_id, 42)"}),
        ({"user_id": ["ann"]}, {"user_id": ["hash(user_id, ann)"]}),
        ({"ids": [{"deep": "secret"}]}, {"ids": []}),
        ({"code": {"a": 1}}, {"code_count": 1}),
        ({"code": "a\x00b"}, {"code_length": 3}),
        ({"code": "x" * 257}, {"code_length": 257}),
    ],
)
def test_parameters_that_break_their_type_are_kept_redacted_and_flagged(
    values: dict[str, Any], stored: dict[str, Any]
) -> None:
    checked = check("plain", id="i", **values)
    assert checked.stored == {"id": "i", **stored}
    assert checked.violations == list(values)


@pytest.mark.parametrize("value", [{}, {"id": None}, {"id": ""}])
def test_required_parameters_that_are_missing_are_flagged(value: dict[str, Any]) -> None:
    assert check("plain", **value).violations == ["id"]


def test_unknown_parameters_are_dropped_and_named() -> None:
    checked = check("plain", id="i", surprise="secret", **{"张三 13800": 1})
    assert checked.stored == {"id": "i"}
    assert checked.unknown == ["surprise", "(other)"]


def test_uncatalogued_events_keep_what_the_sdk_adds() -> None:
    checked = check("never_heard_of", event_index=7, title="Ann", bot_name="Ann's")
    assert checked.stored == {"event_index": 7, "title_length": 3}
    assert checked.unknown == ["bot_name"]


def test_open_events_keep_known_names_by_class_and_other_texts_by_length() -> None:
    checked = check("open", user_id="ann", id="i", thought="secret", amount=13_800, is_new=True)
    assert checked.stored == {
        "user_id": "hash(user_id, ann)",
        "id": "i",
        "thought_length": 6,
        "amount_length": 5,
        "is_new": True,
    }
    assert checked.violations == checked.unknown == []


@pytest.mark.parametrize(
    ("values", "violations"),
    [
        ({"action": "go", "reply": "r"}, []),
        ({"action": "exit"}, []),
        ({"action": "go"}, ["reply"]),
        ({"action": "exit", "reply": "r"}, []),
        ({"action": "jump", "reply": "r"}, ["action"]),
    ],
)
def test_unions_are_held_against_the_variant_they_fit_best(
    values: dict[str, Any], violations: list[str]
) -> None:
    assert check("union", **values).violations == violations
