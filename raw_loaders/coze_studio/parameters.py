"""Checks an event's parameters by the catalogue and redacts them.

A parameter that breaks its type, its enum or its presence is kept, redacted by its class, and
named in `violations`. One the catalogue does not name is dropped and named in `unknown`; an
open event keeps it, its class taken from the same name elsewhere, else `length`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from raw_loaders.coze_studio.storable import (
    Stored,
    TextHasher,
    is_storable_number,
    is_storable_text,
    redact_value,
)

if TYPE_CHECKING:
    from raw_loaders.coze_studio.catalogue import Parameter, ProductEvent, StudioCatalogue

# A name that looks like one; others may be content and are counted together.
_NAME = re.compile(r"[$A-Za-z_][\w$.-]{0,63}", re.ASCII)
UNSPEAKABLE = "(other)"


@dataclass(kw_only=True)
class CheckedParameters:
    """`stored` may enter the warehouse; the names are in order of appearance."""

    stored: Stored = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


class ParameterChecker:
    """Applies the catalogue with one hasher."""

    def __init__(self, catalogue: StudioCatalogue, hasher: TextHasher) -> None:
        self._catalogue = catalogue
        self._known_privacy = catalogue.known_privacy()
        self._hasher = hasher

    def check(self, event_name: str, values: Mapping[str, object]) -> CheckedParameters:
        """Check and redact `values`, the decoded `params` of an event."""
        event = self._catalogue.events.get(event_name)
        rules = _rules_of(event, values) if event else {}
        declared = {
            **self._catalogue.sdk_parameters,
            **(event.parameters if event else {}),
            **rules,
        }
        checked = CheckedParameters()
        for name, value in values.items():
            if value is None or value == "":
                continue
            parameter = declared.get(name)
            if parameter is not None:
                if not satisfies(parameter, value):
                    checked.violations.append(name)
                checked.stored |= self._redact_declared(name, value, parameter)
            elif event is not None and event.is_open and _NAME.fullmatch(name):
                privacy = self._known_privacy.get(name, "length")
                checked.stored |= redact_value(name, value, privacy, self._hasher)
            else:
                checked.unknown.append(speakable(name))
        checked.violations.extend(_missing(rules, values))
        return checked

    def _redact_declared(self, name: str, value: object, parameter: Parameter) -> Stored:
        if parameter.enum is not None and value in parameter.enum:
            return {name: value}
        return redact_value(name, value, parameter.privacy, self._hasher)


def speakable(name: str) -> str:
    """Give a name that may be shown in counts; what could be content is `(other)`."""
    return name if _NAME.fullmatch(name) else UNSPEAKABLE


def satisfies(parameter: Parameter, value: object) -> bool:
    """Whether a value that is there is of the parameter's types and in its enum."""
    if isinstance(value, str) and parameter.privacy == "keep" and not is_storable_text(value):
        return False
    if not any(_is_of(kind, value) for kind in parameter.types):
        return False
    return parameter.enum is None or any(
        value == member and isinstance(value, bool) == isinstance(member, bool)
        for member in parameter.enum
    )


def _is_of(kind: str, value: object) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "number":
            return is_storable_number(value)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list) and not any(isinstance(i, list | dict) for i in value)
        case _:
            return isinstance(value, str | bool) or is_storable_number(value)


def _rules_of(event: ProductEvent, values: Mapping[str, object]) -> Mapping[str, Parameter]:
    """Of the event's variants the one that `values` break least; else its parameters."""
    if not event.variants:
        return event.parameters
    return min(event.variants, key=lambda rules: sum(1 for _ in _broken(rules, values)))


def _broken(rules: Mapping[str, Parameter], values: Mapping[str, object]) -> Iterator[str]:
    yield from _missing(rules, values)
    for name, parameter in rules.items():
        value = values.get(name)
        if value is not None and value != "" and not satisfies(parameter, value):
            yield name


def _missing(rules: Mapping[str, Parameter], values: Mapping[str, object]) -> Iterator[str]:
    for name, parameter in rules.items():
        if parameter.required and not _is_given(parameter, values.get(name)):
            yield name


def _is_given(parameter: Parameter, value: object) -> bool:
    """Whether a value is there; an empty text is one only where the enum has it."""
    return value is not None and (value != "" or "" in (parameter.enum or ()))
