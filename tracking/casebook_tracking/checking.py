"""Whether an event fits the catalogue. Runs in the writer thread and only counts."""

from __future__ import annotations

from typing import NamedTuple


class Field(NamedTuple):
    """One field of an event: its Python types, and what narrows them."""

    types: tuple[type, ...]
    is_required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: frozenset[str] | None = None


NUMBER = (int, float)


def problem_of(event_type: object, data: object, rules: dict[str, dict[str, Field]]) -> str | None:
    """Say what the first broken rule is, naming the field and never its value; None when fine."""
    try:
        return _first_problem(event_type, data, rules)
    except BaseException:  # noqa: BLE001 - foreign code: an event never raises
        return "cannot be read"


def _first_problem(
    event_type: object, data: object, rules: dict[str, dict[str, Field]]
) -> str | None:
    fields = rules.get(event_type) if isinstance(event_type, str) else None
    if fields is None:
        return "is not in the catalogue"
    if not isinstance(data, dict):
        return "has no fields by name"
    known = 0
    for name, field in fields.items():
        value = data.get(name)
        if value is not None:
            problem = _problem_of_value(field, value)
            if problem is not None:
                return f"has a field {name} that {problem}"
        elif field.is_required:
            return f"needs the field {name}"
        known += name in data
    if known < len(data):
        return f"has no field {next(iter(data.keys() - fields.keys()))}"
    return None


def _problem_of_value(field: Field, value: object) -> str | None:
    # A bool is an int to Python and none to a catalogue.
    if not isinstance(value, field.types) or (value.__class__ is bool and bool not in field.types):
        return f"is no {field.types[0].__name__}"
    if field.choices is not None and value not in field.choices:
        return f"is none of {', '.join(sorted(field.choices))}"
    if isinstance(value, str):
        return "is empty" if field.is_required and not value else None
    if isinstance(value, NUMBER):
        if field.minimum is not None and value < field.minimum:
            return f"is below {field.minimum}"
        if field.maximum is not None and value > field.maximum:
            return f"is above {field.maximum}"
    return None
