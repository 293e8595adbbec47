"""Fields that are no single value, as the catalogue has them: one value a name."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

# Objects whose numbers are fields of their own: `metadata.model_added_lines`.
FLATTENED = frozenset({"metadata"})
# Arguments that recordings hold as the object and outfiles as its text.
WRITTEN = frozenset({"function_args"})
SEPARATOR = ","


def flatten(fields: Mapping[str, object]) -> dict[str, object]:
    """Return fields with the parts of `FLATTENED` objects, and lists of texts as one text.

    What remains an object is content or unknown, and the catalogue drops it.
    """
    flat: dict[str, object] = {}
    for name, value in fields.items():
        if name in FLATTENED and isinstance(value, Mapping):
            flat.update({f"{name}.{part}": each for part, each in value.items()})
        elif name in WRITTEN and isinstance(value, Mapping):
            flat[name] = msgspec.json.encode(value).decode()
        elif isinstance(value, list) and all(isinstance(each, str) for each in value):
            flat[name] = SEPARATOR.join(value)
        else:
            flat[name] = value
    return flat
