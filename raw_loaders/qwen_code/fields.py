"""The attributes of one kind of event as what may be stored of them: one look at each.

Names become today's; the parts of `metadata` become fields of their own, lists of texts one
text. What remains an object is content or unknown, and is not stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

import msgspec

from raw_loaders.catalogue import MAX_INTEGER, MAX_TEXT_LENGTH
from raw_loaders.field_rules import read_value, speakable
from raw_loaders.qwen_code.names import COMMON_FIELDS, older_names, status_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from raw_loaders.catalogue import Field
    from raw_loaders.field_rules import Json
    from raw_loaders.redaction import Redactor, Value

# Objects whose numbers are fields of their own: `metadata.model_added_lines`.
FLATTENED = frozenset({"metadata"})
# Arguments that recordings hold as the object and outfiles as its text.
WRITTEN = frozenset({"function_args"})
STATUS_CODE = "status_code"
SEPARATOR = ","


class _Rule(NamedTuple):
    """What an attribute is called today, and its field; None for one that is a column.

    A value of the type `plain` is stored as it is, when it is not too long or great; of a text
    only the length, under `length_name`, when there is one. The other rules are `field`'s.
    """

    name: str
    field: Field | None
    is_older: bool = False
    plain: type | None = None
    length_name: str | None = None


class StoredFields(NamedTuple):
    """What may be stored, and the sorted names of what breaks its type and what is unknown."""

    values: dict[str, Value]
    violations: tuple[str, ...]
    unknown: tuple[str, ...]


class EventFields:
    """Applies the rules of one event; without fields, of one that the catalogue lacks."""

    def __init__(self, event: str, fields: Sequence[Field], redactor: Redactor) -> None:
        self._redactor = redactor
        by_name = {field.name: field for field in fields}
        rules = {name: _Rule(name, None) for name in COMMON_FIELDS}
        for older, today in {**{name: name for name in by_name}, **older_names(event)}.items():
            field = by_name.get(today)
            if field is not None:
                rules[older] = _rule(field, is_older=older != today)
        self._rules = rules

    def read(self, attributes: Mapping[str, object]) -> StoredFields:
        """Look at each attribute once; one given under both names counts under today's."""
        values: dict[str, Value] = {}
        broken: set[str] = set()
        unknown: set[str] = set()
        rules = self._rules
        for key, value in attributes.items():
            rule = rules.get(key)
            if rule is None:
                self._read_other(key, value, values, broken, unknown)
                continue
            name, field, is_older, plain, length_name = rule
            if field is None or (is_older and name in attributes):
                continue
            kind = type(value)
            if kind is plain and _is_within(value):
                values[name] = cast("Value", value)
            elif kind is str and value and length_name is not None:
                values[length_name] = len(cast("str", value))
            else:
                self._read_one(field, value, values, broken)
        return StoredFields(
            values,
            tuple(sorted(broken)) if broken else (),
            tuple(sorted({*map(speakable, unknown)})) if unknown else (),
        )

    def _read_other(
        self,
        key: str,
        value: object,
        values: dict[str, Value],
        broken: set[str],
        unknown: set[str],
    ) -> None:
        if key not in FLATTENED or not isinstance(value, Mapping):
            unknown.add(key)
            return
        for part, each in value.items():
            rule = self._rules.get(f"{key}.{part}")
            if rule is None or rule.field is None:
                unknown.add(f"{key}.{part}")
            else:
                self._read_one(rule.field, each, values, broken)

    def _read_one(
        self, field: Field, value: object, values: dict[str, Value], broken: set[str]
    ) -> None:
        name = field.name
        if name == STATUS_CODE:
            value = status_code(value)
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            value = SEPARATOR.join(value)
        elif name in WRITTEN and isinstance(value, Mapping):
            value = msgspec.json.encode(value).decode()
        read = read_value(field, cast("Json", value))
        if read is not None:
            if field.privacy == "keep":
                values[name] = read
            else:
                values.update(self._redactor.redact((field,), {name: read}))
        elif value not in (None, ""):
            broken.add(name)


def _rule(field: Field, *, is_older: bool) -> _Rule:
    if field.is_entity_key:
        return _Rule(field.name, None)
    is_length = field.privacy == "length" and field.reduce is None and field.enum is None
    length_name = f"{field.name}_length" if is_length else None
    return _Rule(field.name, field, is_older, _plain_type(field), length_name)


def _plain_type(field: Field) -> type | None:
    if field.privacy != "keep" or field.enum is not None or (field.minimum or 0) > 0:
        return None
    if field.type == "integer" and (field.maximum is None or field.maximum >= MAX_INTEGER):
        return int
    return {"string": str, "boolean": bool}.get(field.type)


def _is_within(value: object) -> bool:
    """Whether a text, whole number or truth needs no closer look."""
    if isinstance(value, str):
        return 0 < len(value) <= MAX_TEXT_LENGTH
    return 0 <= cast("int", value) <= MAX_INTEGER
