"""The page of all events and fields, written from the catalogues.

python -m raw_loaders.catalogue_page > docs/catalogue.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from raw_loaders.catalogue import read_catalogue
from raw_loaders.coze_studio.catalogue import read_studio_catalogue

if TYPE_CHECKING:
    from raw_loaders.catalogue import Catalogue, EventType, Field
    from raw_loaders.coze_studio.catalogue import Parameter, ProductEvent, StudioCatalogue

# Sources whose catalogue has the common form; the studio's has unions and open events.
COMMON_SOURCES = ("support", "qwen_code", "ai_admin")
HEAD = """\
# The catalogue of events

Written by `python -m raw_loaders.catalogue_page` from `raw_loaders/catalogues/`: do not edit.

Stored is the value itself (`keep`), a keyed hash (`hash`), only its length (`length`) or nothing
(`drop`); `url` is host and path template, `term` the hash of the folded text and its length. A
field that is not here is dropped and counted by its name.
"""


def format_page() -> str:
    """Write the page as Markdown."""
    blocks = [HEAD]
    for source in COMMON_SOURCES:
        blocks.extend(_catalogue(read_catalogue(source)))
    blocks.extend(_studio(read_studio_catalogue()))
    return "\n".join(blocks)


def _catalogue(catalogue: Catalogue) -> Iterator[str]:
    yield f"## `{catalogue.source}`: {catalogue.title}\n\n{catalogue.description}\n"
    for event in catalogue.events.values():
        yield _event(event)


def _event(event: EventType) -> str:
    reserved = " Reserved: accepted, not sent yet." if event.reserved else ""
    rows = [
        (f"`{field.name}`", field.type, field.presence, _stored(field), _text(field))
        for field in event.fields
    ]
    table = format_table(("field", "type", "presence", "stored", ""), rows)
    return f"### `{event.name}`\n\n{event.description}{reserved}\n\n{table}"


def _stored(field: Field) -> str:
    return f"{field.privacy}, {field.reduce}" if field.reduce else field.privacy


def _text(field: Field) -> str:
    unit = f" ({field.unit})" if field.unit else ""
    members = f": {', '.join(field.enum)}" if field.enum else ""
    return f"{field.description}{unit}{members}"


def _studio(catalogue: StudioCatalogue) -> Iterator[str]:
    yield f"## `{catalogue.source}`: {catalogue.title}\n\n{catalogue.description}\n"
    yield (
        "### With every event\n\nWhat the collector SDK adds.\n\n"
        f"{_parameters(catalogue.sdk_parameters)}"
    )
    for name, event in catalogue.events.items():
        yield _product_event(name, event)


def _product_event(name: str, event: ProductEvent) -> str:
    notes = [event.description] if event.description else []
    if event.key:
        notes.append(f"In the studio's code: `{event.key}`.")
    if event.is_open:
        notes.append("Open: may carry other parameters.")
    if event.variants:
        notes.append(f"One of {len(event.variants)} shapes; this is their union.")
    parts = [f"### `{name}`\n", *(f"{note}\n" for note in notes)]
    if event.parameters:
        parts.append(_parameters(event.parameters))
    return "\n".join(parts)


def _parameters(parameters: dict[str, Parameter]) -> str:
    rows = [
        (
            f"`{name}`",
            " or ".join(parameter.types),
            "required" if parameter.required else "optional",
            parameter.privacy,
            ", ".join(f"`{member}`" for member in parameter.enum or ()),
        )
        for name, parameter in parameters.items()
    ]
    return format_table(("parameter", "type", "presence", "stored", "one of"), rows)


def format_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table as Markdown; a cell is one line."""
    lines = [head, ["---"] * len(head), *rows]
    cells = ([cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


if __name__ == "__main__":
    sys.stdout.write(format_page())
