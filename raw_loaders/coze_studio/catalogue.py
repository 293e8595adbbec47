"""The studio's catalogue: `catalogues/coze_studio.json`, generated (see `generation`).

The file is checked strictly when it is read; nothing else in the project repeats it.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from raw_loaders.coze_studio.privacy_rules import StudioPrivacy
from raw_loaders.errors import SettingsError

SOURCE = "coze_studio"

# `any` takes every scalar. An array holds scalars.
StudioType = Literal["string", "number", "boolean", "array", "any"]
Scalar = str | int | float | bool


class Parameter(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One parameter of one event; `types` are alternatives."""

    types: tuple[StudioType, ...]
    required: bool = False
    privacy: StudioPrivacy = "keep"
    enum: tuple[Scalar, ...] | None = None


class ProductEvent(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One event name as it is posted; `key` is its name in the studio's code where it differs.

    An open event may carry parameters the catalogue does not name. An event with variants
    satisfies one of them; `parameters` then are the variants' union.
    """

    key: str | None = None
    description: str | None = None
    is_open: bool = False
    parameters: dict[str, Parameter] = {}
    variants: tuple[dict[str, Parameter], ...] = ()


class StudioCatalogue(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The source. `sdk_parameters` may come with every event, catalogued or not."""

    source: str
    title: str
    description: str
    generated_from: dict[str, str]
    keeps_rejected_bytes: bool
    sdk_parameters: dict[str, Parameter]
    events: dict[str, ProductEvent]

    def known_privacy(self) -> dict[str, StudioPrivacy]:
        """Give the class of every text's name in the catalogue: what open events go by."""
        return {
            name: parameter.privacy
            for event in self.events.values()
            for name, parameter in event.parameters.items()
            if not {"number", "boolean"}.issuperset(parameter.types)
        }


@cache
def read_studio_catalogue() -> StudioCatalogue:
    """Read the catalogue that comes with Casebook."""
    return decode_studio_catalogue(catalogue_text())


def catalogue_text() -> bytes:
    """Give the catalogue file's bytes, as committed."""
    return (resources.files("raw_loaders") / "catalogues" / f"{SOURCE}.json").read_bytes()


def catalogue_sha256() -> str:
    """Hash of the catalogue file, in hex."""
    return hashlib.sha256(catalogue_text()).hexdigest()


def decode_studio_catalogue(text: bytes) -> StudioCatalogue:
    """Check a catalogue file's text.

    Raises `SettingsError` naming what is wrong.
    """
    try:
        return msgspec.json.decode(text, type=StudioCatalogue)
    except msgspec.DecodeError as error:
        raise SettingsError(f"The catalogue of {SOURCE} is not valid: {error}.") from error
