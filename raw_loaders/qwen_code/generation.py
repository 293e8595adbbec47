"""Generates the client's catalogue from the list of its events.

    python -m raw_loaders.qwen_code.generation PATH/TO/events.json

writes `raw_loaders/catalogues/qwen_code.yml`, in the list's order, so that a new version of
the client shows as a readable difference. Nothing but identity is required: versions differ
in what they send, and an event without a field is still an event.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from raw_loaders.errors import SettingsError
from raw_loaders.qwen_code.names import COMMON_FIELDS, event_name

TARGET = Path(__file__).parent.parent / "catalogues" / "qwen_code.yml"

# The list's types: a letter, an enum's words in brackets, and remarks on versions.
TYPES = {"s": "string", "i": "integer", "b": "boolean", "n": "number", "e": "string"}
# JSON in a text, objects and lists: texts to the catalogue.
TYPES.update({"json": "string", "obj": "string", "arr": "string"})
_TYPE = re.compile(r"(json|obj|arr|[sibne])(?=\W|$)")
_ENUM = re.compile(r"e\((.*)\)")
_REMARK = re.compile(r"\([^()]*\)")
_WORD = re.compile(r"[a-z][a-z0-9_-]*", re.IGNORECASE)

# Not content by the list, and yet able to name a person's projects: paths, addresses, topics.
PRIVACY = {"extension_source": "length", "touched_topics": "length", "hook_name": "hash"}
# Vocabulary under a name that is content elsewhere: other values of it do not land.
VOCABULARY = {("next_speaker_check", "result"): ("user", "model")}
# Content that is no text has no length to keep.
DROPPED_TYPES = ("obj",)
# The numbers in a tool call's `metadata` object: whose lines and characters changed.
METADATA = tuple(
    f"metadata.{who}_{change}_{unit}"
    for who in ("model", "user")
    for change in ("added", "removed")
    for unit in ("lines", "chars")
)
UNITS = {"_ms": "ms", "_length": "characters", "_lines": "lines", "_chars": "characters"}
TOKENS = re.compile(r"token|tokens_")

HEAD = """\
# The events of the AI coding agent's telemetry. Generated: do not edit.
# Made by raw_loaders/qwen_code/generation.py from the list of the client's events.
source: qwen_code
title: AI coding agent
description: >-
  Telemetry of Qwen Code: sessions, prompts, calls of the model, calls of tools, files,
  retries, loops and what else the client reports. Prompts, answers, arguments and
  results never land.
# Lines carry content: a replay reads the object again.
keeps_rejected_bytes: false
entity_keys:
    - session_id
fields:
    session_id: {type: string, description: Session of the client}
events:
"""


class _Listed(msgspec.Struct, frozen=True):
    type: str
    optional: bool
    content: bool


class _Event(msgspec.Struct, frozen=True):
    wire_name: str
    fields: dict[str, _Listed]


class _List(msgspec.Struct, frozen=True):
    events: list[_Event]


def generate(text: bytes) -> str:
    """Return the catalogue for a list of events.

    Raises `SettingsError` when the list has another shape, or a type that is not known.
    """
    try:
        listed = msgspec.json.decode(text, type=_List)
    except msgspec.MsgspecError as error:
        raise SettingsError(f"The list of events is not valid: {error}.") from error
    return HEAD + "".join(line for event in listed.events for line in _event(event))


def _event(event: _Event) -> Iterator[str]:
    name = event_name(event.wire_name)
    yield f"    {name}:\n        description: {_words(name)}.\n        fields:\n"
    yield "            session_id: {presence: identifying}\n"
    for field, listed in event.fields.items():
        if field == "metadata":
            number = _Listed("i", optional=True, content=False)
            for part in METADATA:
                yield f"            {part}: {_field(part, number)}\n"
        elif field not in COMMON_FIELDS and field != "session_id":
            vocabulary = VOCABULARY.get((name, field))
            # Of a text whose length the client gives itself, that one counts.
            is_measured = f"{field}_length" in event.fields
            line = _field(field, listed, vocabulary, is_measured=is_measured)
            yield f"            {field}: {line}\n"


def _field(
    name: str,
    listed: _Listed,
    vocabulary: tuple[str, ...] | None = None,
    *,
    is_measured: bool = False,
) -> str:
    kind = _TYPE.match(listed.type)
    if kind is None:
        raise SettingsError(f"The list of events has a type that is not known: {listed.type}.")
    parts = [f"type: {TYPES[kind[1]]}"]
    if listed.content:
        is_dropped = is_measured or kind[1] in DROPPED_TYPES
        parts.append(f"privacy: {'drop' if is_dropped else 'length'}")
    elif name in PRIVACY:
        parts.append(f"privacy: {PRIVACY[name]}")
    if vocabulary is not None:
        parts.append(f"enum: [{', '.join(vocabulary)}]")
    unit = _unit(name, kind[1])
    if unit is not None:
        parts.append(f"unit: {unit}")
    return "{" + ", ".join([*parts, f"description: {_words(name)}"]) + "}"


def known_words(listed_type: str) -> list[str]:
    """Return an enum's words without their remarks: `e(a,b(<=0.8))` → a, b.

    They describe; newer clients have more, so the catalogue does not demand them.
    """
    found = _ENUM.match(listed_type)
    if found is None:
        return []
    return _WORD.findall(_REMARK.sub("", found[1]))


def _unit(name: str, kind: str) -> str | None:
    if kind not in ("i", "n"):
        return None
    if TOKENS.search(name):
        return "tokens"
    return next((unit for ending, unit in UNITS.items() if name.endswith(ending)), None)


def _words(name: str) -> str:
    """`input_token_count` → `Input token count`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").replace(".", " ")
    return words[0].upper() + words[1:].lower()


def main() -> None:
    """Write the catalogue."""
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and one argument
        raise SystemExit(__doc__)
    TARGET.write_text(generate(Path(sys.argv[1]).read_bytes()))


if __name__ == "__main__":
    main()
