"""Events to lines: CloudEvents 1.0 in structured JSON, one a line, UTF-8."""

from __future__ import annotations

import json
import math
import random
import time
from typing import NamedTuple

JSON_TYPE = "application/json"
# Deeper than any event; below it Python's encoder cannot run out of stack.
MAX_DEPTH = 32
# Longer integers have thousands of digits as easily as twenty.
MAX_INTEGER = 1 << 64
# No database text can hold it.
NUL_ESCAPE = "\\u0000"


class Event(NamedTuple):
    """One call of `track`, as the queue holds it. `time_ns` is Unix time."""

    time_ns: int
    sequence: int
    event_type: str
    data: object


def uuid7(time_ns: int, random_bits: int) -> str:
    """Return the UUIDv7 of a time: milliseconds, 12 bits of the fraction, 62 random bits."""
    milliseconds, rest = divmod(time_ns, 1_000_000)
    fraction = rest * 4096 // 1_000_000
    high = (milliseconds & 0xFFFF_FFFF_FFFF) << 16 | 0x7000 | fraction
    low = 0x8000_0000_0000_0000 | (random_bits & 0x3FFF_FFFF_FFFF_FFFF)
    text = (high << 64 | low).to_bytes(16, "big").hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class EventEncoder:
    """Encodes the events of one producer and boot. For one thread at a time."""

    def __init__(self, source: str, boot: str) -> None:
        # What is circular is found as too deep.
        self._dumps = json.JSONEncoder(
            ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
        ).encode
        self._head = (
            f'{{"specversion":"1.0","source":{self._dumps(plain(source))},'
            f'"boot":{self._dumps(plain(boot))},"id":"'
        )
        # Seeded by the system, once a boot. Asked for each event, the system would let another
        # thread have the interpreter: 0.3 ms an event where threads compute.
        self._random_bits = random.Random().getrandbits  # noqa: S311 - unique, no secret
        self._second = -1
        self._second_text = ""

    def encode(self, event: Event) -> tuple[bytes, bool]:
        """Return the line with its newline, and whether the event fitted into JSON as it was."""
        try:
            event_type = self._dumps(event.event_type)
            data = self._dumps(event.data)
            if NUL_ESCAPE not in data and isinstance(event.event_type, str):
                return self._line(event, event_type, data).encode(), True
        except BaseException:  # noqa: BLE001, S110 - foreign code: an event never raises
            # Not JSON, not UTF-8, too deep, or changed by its owner while it was read.
            pass
        event_type = self._dumps(str_of(event.event_type))
        data = self._dumps(plain(event.data))
        return self._line(event, event_type, data).encode(), False

    def _line(self, event: Event, event_type: str, data: str) -> str:
        identity = uuid7(event.time_ns, self._random_bits(62))
        return (
            f'{self._head}{identity}","type":{event_type},"time":"{self._time(event.time_ns)}",'
            f'"sequence":"{event.sequence}","datacontenttype":"{JSON_TYPE}","data":{data}}}\n'
        )

    def _time(self, time_ns: int) -> str:
        """RFC 3339, UTC, microseconds; the text of a second is made once."""
        second, rest = divmod(time_ns, 1_000_000_000)
        if second != self._second:
            self._second_text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
            self._second = second
        return f"{self._second_text}.{rest // 1000:06d}Z"


def plain(value: object, depth: int = MAX_DEPTH) -> object:
    """Return the nearest thing that JSON and UTF-8 can hold; never raises.

    NaN and infinities become None, lone surrogates and NUL are replaced, other objects
    become their `str`, what is deeper than `MAX_DEPTH` becomes None, what fails to be
    read the name of its class.
    """
    try:
        return _plain(value, depth)
    except BaseException:  # noqa: BLE001 - foreign code: an event never raises
        return type(value).__name__


def _plain(value: object, depth: int) -> object:
    result: object
    if value is None or isinstance(value, bool):
        result = value
    elif isinstance(value, int):
        result = value if abs(value) < MAX_INTEGER else str_of(value)
    elif isinstance(value, float):
        result = value if math.isfinite(value) else None
    elif isinstance(value, (dict, list, tuple, set, frozenset)) and depth == 0:
        result = None
    elif isinstance(value, dict):
        result = {str_of(k): plain(v, depth - 1) for k, v in list(value.items())}
    elif isinstance(value, (list, tuple, set, frozenset)):
        result = [plain(item, depth - 1) for item in list(value)]
    else:
        result = str_of(value)
    return result


def str_of(value: object) -> str:
    """Return `str(value)` made fit for JSON, or the name of its class when that raises."""
    try:
        text = str(value)
    except BaseException:  # noqa: BLE001 - foreign code: an event never raises
        text = type(value).__name__
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
