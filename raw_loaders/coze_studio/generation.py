"""Generates the studio's catalogue from the event list taken from its source code.

    python -m raw_loaders.coze_studio.generation PATH/TO/events.json

writes `raw_loaders/catalogues/coze_studio.json`: one parameter a line, in the list's order, so
that a new version of the studio shows as a readable difference; and the list of its events as
the seed `product_event_catalogue`, which the tracking plan is held against.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import msgspec

from raw_loaders.coze_studio.catalogue import (
    SOURCE,
    Parameter,
    ProductEvent,
    StudioCatalogue,
    StudioType,
)
from raw_loaders.coze_studio.privacy_rules import privacy_of
from raw_loaders.errors import SettingsError

ROOT = Path(__file__).parent.parent.parent
TARGET = ROOT / "raw_loaders" / "catalogues" / f"{SOURCE}.json"
SEED = ROOT / "dbt_project" / "seeds" / SOURCE / "product_event_catalogue.csv"

# What the collector SDK itself puts into `params`, whatever the event.
SDK_TYPES: dict[str, tuple[StudioType, ...]] = {
    "event_index": ("number",),
    "is_inhouse": ("boolean",),
    "$is_first_time": ("string", "boolean"),
    "referrer": ("string",),
    "time": ("number",),
    "title": ("string",),
    "url": ("string",),
    "url_path": ("string",),
}


class _Listed(msgspec.Struct, frozen=True):
    type: str | list[str]
    required: bool
    enum: list[str | int | float | bool] | None = None


class _Variant(msgspec.Struct, frozen=True):
    fields: dict[str, _Listed]


class _OpenSchema(msgspec.Struct, frozen=True):
    value: str


class _ListedEvent(msgspec.Struct, frozen=True):
    key: str
    event: str
    comment: str | None = None
    params: dict[str, _Listed] = {}
    open_schema: _OpenSchema | None = None
    variants: list[_Variant] = []


class _EventList(msgspec.Struct, frozen=True):
    source: str
    licence: str
    commit: str
    events: list[_ListedEvent]


def generate_catalogue(event_list: bytes) -> StudioCatalogue:
    """Turn the event list into a catalogue.

    Raises `SettingsError` when the list is not of the expected shape or names an event twice.
    """
    try:
        listed = msgspec.json.decode(event_list, type=_EventList)
    except msgspec.DecodeError as error:
        raise SettingsError(f"The event list is not readable: {error}.") from error
    events = {event.event: _to_event(event) for event in listed.events}
    if len(events) != len(listed.events):
        raise SettingsError("The event list names an event twice.")
    return StudioCatalogue(
        source=SOURCE,
        title="AI agent studio",
        description="What people do in the agent studio, as its web client posts it.",
        generated_from={
            "file": listed.source,
            "licence": listed.licence,
            "commit": listed.commit,
        },
        keeps_rejected_bytes=True,
        sdk_parameters={
            name: Parameter(types=types, privacy=privacy_of(name))
            for name, types in SDK_TYPES.items()
        },
        events=events,
    )


def format_catalogue(catalogue: StudioCatalogue) -> str:
    """Write a catalogue as JSON with one parameter a line."""
    head = {
        name: getattr(catalogue, name)
        for name in ("source", "title", "description", "generated_from", "keeps_rejected_bytes")
    }
    lines = [f" {json.dumps(name)}: {_dump(value)}," for name, value in head.items()]
    lines.append(' "sdk_parameters": {')
    lines.extend(_parameter_lines(catalogue.sdk_parameters, 2))
    lines.append(" },")
    lines.append(' "events": {')
    lines.append(",\n".join(_format_event(*item) for item in catalogue.events.items()))
    lines.append(" }")
    return "{\n" + "\n".join(lines) + "\n}\n"


def format_seed(catalogue: StudioCatalogue) -> str:
    """Write the catalogue's events as the seed's CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("event_name", "event_key", "description", "parameter_count", "is_open"))
    for name, event in catalogue.events.items():
        writer.writerow(
            (
                name,
                event.key or name,
                event.description,
                len(event.parameters),
                str(event.is_open).lower(),
            )
        )
    return text.getvalue()


def main(arguments: list[str]) -> int:
    """Write the catalogue from the event list named on the command line."""
    if len(arguments) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    catalogue = generate_catalogue(Path(arguments[0]).read_bytes())
    TARGET.write_text(format_catalogue(catalogue))
    SEED.write_text(format_seed(catalogue))
    return 0


def _to_event(listed: _ListedEvent) -> ProductEvent:
    # A record whose values are `never` has no parameters; it is not open.
    is_open = listed.open_schema is not None and listed.open_schema.value != "never"
    return ProductEvent(
        key=listed.key if listed.key != listed.event else None,
        description=listed.comment,
        is_open=is_open,
        parameters=_to_parameters(listed.params),
        variants=tuple(_to_parameters(variant.fields) for variant in listed.variants),
    )


def _to_parameters(listed: dict[str, _Listed]) -> dict[str, Parameter]:
    return {name: _to_parameter(name, field) for name, field in listed.items()}


def _to_parameter(name: str, field: _Listed) -> Parameter:
    types = [field.type] if isinstance(field.type, str) else field.type
    is_plain = set(types) <= {"number", "boolean"}
    fields = {
        "types": types,
        "required": field.required,
        "privacy": "keep" if is_plain else privacy_of(name),
        "enum": field.enum,
    }
    return msgspec.convert(fields, Parameter)


def _format_event(name: str, event: ProductEvent) -> str:
    lines = []
    if event.key is not None:
        lines.append(f'   "key": {_dump(event.key)}')
    if event.description is not None:
        lines.append(f'   "description": {_dump(event.description)}')
    if event.is_open:
        lines.append('   "is_open": true')
    if event.parameters:
        body = "\n".join(_parameter_lines(event.parameters, 4))
        lines.append(f'   "parameters": {{\n{body}\n   }}')
    if event.variants:
        bodies = ",\n".join(
            "    {\n" + "\n".join(_parameter_lines(variant, 5)) + "\n    }"
            for variant in event.variants
        )
        lines.append(f'   "variants": [\n{bodies}\n   ]')
    return f"  {_dump(name)}: {{" + ("\n" + ",\n".join(lines) + "\n  }" if lines else "}")


def _parameter_lines(parameters: dict[str, Parameter], indent: int) -> list[str]:
    last = len(parameters) - 1
    return [
        f"{' ' * indent}{_dump(name)}: {_dump(_as_written(parameter))}{',' if n < last else ''}"
        for n, (name, parameter) in enumerate(parameters.items())
    ]


def _as_written(parameter: Parameter) -> dict[str, object]:
    """Leave out what equals the default."""
    written: dict[str, object] = {"types": parameter.types}
    if parameter.required:
        written["required"] = True
    if parameter.privacy != "keep":
        written["privacy"] = parameter.privacy
    if parameter.enum is not None:
        written["enum"] = parameter.enum
    return written


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
