"""The rarer faults of transport and producers; each says what it leaves behind in the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import msgspec

from orchestration.samples.centres import CHATBOTS, Event
from orchestration.samples.rosters import MINUTE_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orchestration.samples.lines import Line
    from orchestration.samples.truths import Truth

MESSAGE = "session.message"
_encode = msgspec.json.Encoder().encode
_replace = msgspec.structs.replace


class Carrier(Protocol):
    """What a fault may do: let lines arrive, write new ones, and count."""

    truth: Truth

    def arrive(self, at_ms: int, line: Line | bytes) -> None:
        """Let a line arrive at an instant."""

    def write(self, event: Event) -> Line:
        """Give the line of an event, with a new id and its producer's next number."""


@dataclass(frozen=True)
class Fault:
    """Something that happens to a message of a chatbot in place of a plain delivery."""

    make: Callable[[Carrier, Event, Line, int], None]

    def applies(self, event: Event, line: Line) -> bool:
        """Whether the fault may befall that event: not a boot's first, so that a loss shows."""
        return (
            event.name == MESSAGE
            and event.producer in CHATBOTS
            and not (line.sequence or "").endswith("000001")
        )


def _lose(carrier: Carrier, event: Event, _line: Line, _at_ms: int) -> None:
    carrier.truth.lost_by_producer[event.producer] += 1


def _conflict(carrier: Carrier, event: Event, line: Line, at_ms: int) -> None:
    """Send the id and time again with other content."""
    _land(carrier, event, line, at_ms)
    other = _replace(line, data={**event.data, "message_length": 9999})
    carrier.truth.quarantined["id_conflict"] += 1
    carrier.arrive(at_ms + 10 * MINUTE_MS, other)


def _land(carrier: Carrier, event: Event, line: Line, at_ms: int) -> None:
    carrier.truth.delivered_by_name[event.name] += 1
    carrier.arrive(at_ms, line)


def _add_unknown_field(carrier: Carrier, event: Event, line: Line, at_ms: int) -> None:
    carrier.truth.unknown_fields["experiment"] += 1
    _land(carrier, event, _replace(line, data={**event.data, "experiment": "B"}), at_ms)


def _break_optional_field(carrier: Carrier, event: Event, line: Line, at_ms: int) -> None:
    carrier.truth.violations += 1
    _land(carrier, event, _replace(line, data={**event.data, "response_time_ms": "fast"}), at_ms)


def _break_sequence(carrier: Carrier, event: Event, line: Line, at_ms: int) -> None:
    """Send an additional event with no number at all."""
    carrier.truth.broken_sequences += 1
    carrier.truth.happened += 1
    _land(carrier, event, line, at_ms)
    again = _replace(line, id=f"{line.id}-unnumbered", sequence="n/a")
    _land(carrier, event, again, at_ms + 1)


def _leave_out_version(carrier: Carrier, event: Event, line: Line, at_ms: int) -> None:
    _land(carrier, event, _replace(line, specversion=None), at_ms)


def _reject(reason: str, change: Mapping[str, object], *, is_numbered: bool = False) -> Fault:
    """Deliver the event, and one more line that must be rejected for that reason."""

    def make(carrier: Carrier, event: Event, line: Line, at_ms: int) -> None:
        _land(carrier, event, line, at_ms)
        if is_numbered:
            bad = carrier.write(event)
            carrier.truth.rejected_by_producer[event.producer] += 1
        else:
            bad = _replace(line, id=f"{line.id}-bad", sequence=None)
        changed = {
            name: value(event.data) if callable(value) else value for name, value in change.items()
        }
        carrier.truth.quarantined[reason] += 1
        carrier.arrive(at_ms + 2, _replace(bad, **changed))

    return Fault(make)


def _malform(damage: Callable[[bytes], bytes]) -> Fault:
    def make(carrier: Carrier, event: Event, line: Line, at_ms: int) -> None:
        _land(carrier, event, line, at_ms)
        carrier.truth.quarantined["malformed"] += 1
        bad = _replace(line, id=f"{line.id}-bad", sequence=None)
        carrier.arrive(at_ms + 2, damage(_encode(bad)))

    return Fault(make)


def _data_with(**fields: object) -> Callable[[Mapping[str, object]], Mapping[str, object]]:
    return lambda data: {**data, **fields}


# In the order in which they take their turns.
FAULTS = (
    Fault(_lose),
    _malform(lambda line: line[: len(line) // 2]),
    _reject("unknown_type", {"type": "session.teleport"}, is_numbered=True),
    _reject("invalid_envelope", {"id": None}),
    _reject("invalid_data", {"data": _data_with(session_id=None)}, is_numbered=True),
    Fault(_conflict),
    Fault(_add_unknown_field),
    Fault(_break_optional_field),
    Fault(_break_sequence),
    Fault(_leave_out_version),
    _malform(lambda line: b"[" + line + b"]"),
    _reject("invalid_envelope", {"time": "yesterday"}),
    _reject("invalid_data", {"data": _data_with(role="robot")}),
    _reject("time_in_future", {"time": "2199-01-01T00:00:00Z"}),
    _reject("time_too_old", {"time": "1999-12-31T23:59:59Z"}),
    Fault(_lose),
    _malform(lambda line: line.replace(b"session", b"\xff\xfe", 1)),
    _reject("invalid_envelope", {"source": ""}),
    _reject("invalid_data", {"data": _data_with(session_id="")}, is_numbered=True),
)
