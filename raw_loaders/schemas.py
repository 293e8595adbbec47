"""msgspec Structs for validation, generated from a catalogue.

They accept only what is beyond doubt: a line they take needs no further look, any other
goes to the field-by-field path of the decoder, which decides. So they may be stricter than
the rules, never laxer.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union

import msgspec
from msgspec import Meta

from raw_loaders.catalogue import MAX_TEXT_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from raw_loaders.catalogue import Catalogue, EventType, Field

Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_LENGTH)]
# Whether they are digits is for the decoder; eighteen of them fit a bigint.
Digits = Annotated[str, Meta(min_length=1, max_length=18)]

# CloudEvents attributes that say nothing about the event; others are unknown fields.
IGNORED_ATTRIBUTES = ("datacontenttype", "dataschema", "subject")
ENVELOPE_ATTRIBUTES = frozenset(
    {"specversion", "id", "source", "type", "time", "sequence", "boot", "data"}
) | frozenset(IGNORED_ATTRIBUTES)


class LineFormat(NamedTuple):
    """The Struct of a line of each event type, and what decodes a line into one of them.

    A Struct has id, source, time, sequence, boot and data, whose fields are the catalogue's.
    """

    structs: Mapping[type[msgspec.Struct], EventType]
    decoder: msgspec.json.Decoder[Any]


# Making one takes some ten milliseconds, as much as decoding 2,000 lines.
@lru_cache(maxsize=16)
def line_format(catalogue: Catalogue) -> LineFormat:
    """Return the format of a catalogue's lines."""
    structs = {_event_struct(event): event for event in catalogue.events.values()}
    union: Any = Union[tuple(structs)]  # noqa: UP007 - of a computed tuple
    return LineFormat(structs, msgspec.json.Decoder(union))


def _event_struct(event: EventType) -> type[msgspec.Struct]:
    identifier = event.name.replace(".", "_")
    data = msgspec.defstruct(
        f"{identifier}_data",
        [_struct_field(field) for field in event.fields],
        omit_defaults=True,
        forbid_unknown_fields=True,
        kw_only=True,
        gc=False,
    )
    return msgspec.defstruct(
        identifier,
        [
            ("id", Text),
            ("source", Text),
            ("time", Annotated[datetime, Meta(tz=True)]),
            ("data", data),
            ("specversion", Literal["1.0"], "1.0"),
            ("sequence", Digits | None, None),
            ("boot", Text | None, None),
            *((name, str | None, None) for name in IGNORED_ATTRIBUTES),
        ],
        tag_field="type",
        tag=event.name,
        forbid_unknown_fields=True,
        kw_only=True,
        gc=False,
    )


def _struct_field(field: Field) -> tuple[str, Any] | tuple[str, Any, Any]:
    annotation = _annotation(field)
    if field.presence == "optional":
        return (field.name, annotation | None, None)
    return (field.name, annotation)


def _annotation(field: Field) -> Any:
    match field.type:
        case "string" if field.enum:
            return Literal[field.enum]
        case "string":
            return Text
        case "boolean":
            return bool
        case "integer":
            return Annotated[int, Meta(ge=_whole(field.minimum), le=_whole(field.maximum))]
        case "number":
            return Annotated[float, Meta(ge=field.minimum, le=field.maximum)]


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)
