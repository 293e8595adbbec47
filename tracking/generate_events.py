"""Writes casebook_tracking/support_events.py from the catalogue of the support events.

    python tracking/generate_events.py            write the module
    python tracking/generate_events.py --check    exit 1 when it is not current

Run it from the repository's root, in the project's environment (it reads the catalogue
through raw_loaders; the distribution itself does not).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from raw_loaders.catalogue import MAX_NUMBER, EventType, Field, read_catalogue

MODULE = Path(__file__).parent / "casebook_tracking" / "support_events.py"
# Sent by the client itself.
INTERNAL_PREFIX = "tracker."
ANNOTATIONS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
RUNTIME_TYPES = {"string": "_STR", "integer": "_INT", "number": "_NUMBER", "boolean": "_BOOL"}

HEADER = '''"""Every support event as a typed method. Generated: do not edit.

Made by tracking/generate_events.py from raw_loaders/catalogues/support.yml.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal, TypedDict

from casebook_tracking.checking import Field

if TYPE_CHECKING:
    from typing_extensions import NotRequired, Unpack

_STR = (str,)
_INT = (int,)
_NUMBER = (float, int)
_BOOL = (bool,)
'''
CLASS_HEAD = '''

class SupportEvents(ABC):
    """One method per support event: a wrong field is an error to the type checker.

    At run time the methods take any field: a wrong event is counted and sent as it is.
    """

    @abstractmethod
    def _record(self, event_type: str, data: object) -> None:
        """Take an event. Never blocks, never raises."""
'''


def module_text() -> str:
    """Return the module for the catalogue as it is now."""
    events = list(read_catalogue("support").events.values())
    public = [event for event in events if not event.name.startswith(INTERNAL_PREFIX)]
    parts = [HEADER, *map(_typed_dict, public), CLASS_HEAD, *map(_method, public)]
    rules = "".join(map(_rules, events))
    parts.append("\n\n# Field(types, is_required, minimum, maximum, choices)\n")
    parts.append("RULES: dict[str, dict[str, Field]] = {\n" + rules + "}\n")
    return "".join(parts)


def _class_name(event: EventType) -> str:
    return "".join(word.capitalize() for word in event.name.replace(".", "_").split("_"))


def _is_required(field: Field) -> bool:
    return field.presence != "optional"


def _annotation(field: Field) -> str:
    text = ANNOTATIONS[field.type]
    if field.enum:
        text = "Literal[" + ", ".join(f'"{word}"' for word in field.enum) + "]"
    return text if _is_required(field) else f"NotRequired[{text} | None]"


def _typed_dict(event: EventType) -> str:
    lines = [f"\n\nclass {_class_name(event)}(TypedDict):\n"]
    lines.append(f'    """Fields of `{event.name}`."""\n\n')
    lines += [f"    {field.name}: {_annotation(field)}\n" for field in event.fields]
    return "".join(lines)


def _method(event: EventType) -> str:
    units = [f"{field.name} in {field.unit}" for field in event.fields if field.unit]
    more = f"\n\n        Units: {', '.join(units)}.\n        " if units else ""
    return (
        f"\n    def {event.name.replace('.', '_')}"
        f"(self, **fields: Unpack[{_class_name(event)}]) -> None:\n"
        f'        """Track `{event.name}`: {event.description}{more}"""\n'
        f'        self._record("{event.name}", fields)\n'
    )


def _rules(event: EventType) -> str:
    lines = [f'    "{event.name}": {{\n']
    lines += [f'        "{field.name}": {_rule(field)},\n' for field in event.fields]
    return "".join(lines) + "    },\n"


def _rule(field: Field) -> str:
    arguments = [RUNTIME_TYPES[field.type]]
    if _is_required(field):
        arguments.append("is_required=True")
    if field.minimum is not None:
        arguments.append(f"minimum={_number(field.minimum)}")
    if field.maximum is not None:
        arguments.append(f"maximum={_number(field.maximum)}")
    if field.enum:
        words = ", ".join(f'"{word}"' for word in field.enum)
        arguments.append(f"choices=frozenset({{{words}}})")
    return f"Field({', '.join(arguments)})"


def _number(value: float) -> str:
    if abs(value) == MAX_NUMBER:
        return "-1e12" if value < 0 else "1e12"
    return f"{int(value):_}" if float(value).is_integer() else repr(value)


def main() -> int:
    """Write the module, or check it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing")
    text = module_text()
    if not parser.parse_args().check:
        MODULE.write_text(text)
        return 0
    if MODULE.read_text() == text:
        return 0
    sys.stderr.write(f"{MODULE} is not current: run python tracking/generate_events.py\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
