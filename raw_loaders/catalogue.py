"""A source's catalogue: what events and fields it has, read from `catalogues/<source>.yml`.

The file is checked strictly when it is read; nothing else in the project repeats it.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import Literal

import msgspec
import yaml

from raw_loaders.errors import SettingsError

FieldType = Literal["string", "integer", "number", "boolean"]
# identifying: missing or broken, the line is quarantined; required: it lands flagged.
Presence = Literal["identifying", "required", "optional"]
# keep; hash (keyed); length (only its length, as `<field>_length`); drop.
Privacy = Literal["keep", "hash", "length", "drop"]
# user_agent_family: stored under the field's own name; error_fingerprint: under that name.
Reduction = Literal["user_agent_family", "error_fingerprint"]

# Texts that are kept stay below what a btree page can index (2704 bytes, 4 a character).
MAX_TEXT_LENGTH = 512
# Whole numbers fit Postgres' integer unless the catalogue says otherwise.
MAX_INTEGER = 2**31 - 1
# Far beyond any duration, far below where intervals overflow.
MAX_NUMBER = 1e12


class _FieldSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A field as written in the file; what is missing comes from the file's `fields`."""

    type: FieldType | None = None
    presence: Presence = "optional"
    privacy: Privacy = "keep"
    reduce: Reduction | None = None
    enum: list[str] | None = None
    min: float | None = None
    max: float | None = None
    unit: str | None = None
    description: str | None = None


class _EventSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    description: str
    fields: dict[str, _FieldSpec]
    reserved: bool = False


class _CatalogueSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    source: str
    title: str
    description: str
    keeps_rejected_bytes: bool
    entity_keys: list[str]
    fields: dict[str, _FieldSpec]
    events: dict[str, _EventSpec]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of one event. `minimum` and `maximum` are inclusive, NULL for texts."""

    name: str
    type: FieldType
    presence: Presence
    privacy: Privacy
    reduce: Reduction | None
    enum: tuple[str, ...] | None
    minimum: float | None
    maximum: float | None
    unit: str | None
    description: str
    is_entity_key: bool

    @property
    def is_stored_as_is(self) -> bool:
        """Whether the value itself enters the warehouse."""
        return self.privacy == "keep"


class EventType(msgspec.Struct, frozen=True, kw_only=True):
    """One event name; a reserved one is accepted although no producer sends it yet."""

    name: str
    description: str
    reserved: bool
    fields: tuple[Field, ...]


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One source. `entity_keys` are in order of precedence for a row's entity_id.

    Equal to itself alone, so that what is made of one can be remembered by it.
    """

    source: str
    title: str
    description: str
    keeps_rejected_bytes: bool
    entity_keys: tuple[str, ...]
    events: dict[str, EventType]
    sha256: str


@cache
def read_catalogue(source: str) -> Catalogue:
    """Read the catalogue of a source that comes with Casebook.

    Raises `SettingsError` when there is none.
    """
    path = resources.files("raw_loaders") / "catalogues" / f"{source}.yml"
    try:
        text = path.read_bytes()
    except FileNotFoundError as error:
        raise SettingsError(f"{source} is not a source of Casebook.") from error
    return decode_catalogue(text, f"raw_loaders/catalogues/{source}.yml")


def decode_catalogue(text: bytes, name: str) -> Catalogue:
    """Check and resolve the text of the catalogue file `name`.

    Raises `SettingsError` naming what is wrong.
    """
    try:
        spec = msgspec.convert(yaml.safe_load(text), _CatalogueSpec)
    except (msgspec.ValidationError, yaml.YAMLError) as error:
        raise SettingsError(f"The catalogue {name} is not valid: {error}.") from error
    return Catalogue(
        source=spec.source,
        title=spec.title,
        description=spec.description,
        keeps_rejected_bytes=spec.keeps_rejected_bytes,
        entity_keys=tuple(spec.entity_keys),
        events={
            name: EventType(
                name=name,
                description=event.description,
                reserved=event.reserved,
                fields=tuple(
                    _resolve(name, field, own, spec) for field, own in event.fields.items()
                ),
            )
            for name, event in spec.events.items()
        },
        sha256=hashlib.sha256(text).hexdigest(),
    )


def _resolve(event: str, name: str, own: _FieldSpec, spec: _CatalogueSpec) -> Field:
    shared = spec.fields.get(name, _FieldSpec())
    kind = own.type or shared.type
    description = own.description or shared.description
    if kind is None or description is None:
        raise SettingsError(
            f"The catalogue of {spec.source} needs a type and a description for {event}.{name}."
        )
    enum = own.enum or shared.enum
    if kind != "string" and (enum or own.privacy != "keep"):
        raise SettingsError(
            f"The catalogue of {spec.source} has an enum or a privacy class on {event}.{name}, "
            "which is no string."
        )
    minimum, maximum = _bounds(kind, own, shared)
    return Field(
        name=name,
        type=kind,
        presence=own.presence,
        privacy=own.privacy,
        reduce=own.reduce,
        enum=tuple(enum) if enum else None,
        minimum=minimum,
        maximum=maximum,
        unit=own.unit or shared.unit,
        description=description,
        is_entity_key=name in spec.entity_keys,
    )


def _bounds(
    kind: FieldType, own: _FieldSpec, shared: _FieldSpec
) -> tuple[float | None, float | None]:
    if kind not in ("integer", "number"):
        return None, None
    limit = MAX_INTEGER if kind == "integer" else MAX_NUMBER
    minimum = own.min if own.min is not None else shared.min
    maximum = own.max if own.max is not None else shared.max
    return (-limit if minimum is None else minimum), (limit if maximum is None else maximum)
