"""Lines for fuzz tests: grammar-made events, right and wrong, and mutations of them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from raw_loaders.catalogue import Field, read_catalogue
from tests.landing_parts.events import make_line

_WRONG: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([10**30, 1e308, 5.0, -0.0, "", "\0", "a\\u0000", "x" * 600, "😀", [], {}]),
)
_TIMES = st.one_of(
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.sampled_from(
        [
            "2025-06-01T08:00:00Z",
            "2025-06-01t08:00:00.1234567z",
            "2025-06-01 08:00:60+00:00",
            "2016-12-31T23:59:60Z",
            "2025-06-01T08:00:00-0530",
            "2025-06-01T08:00:00",
            "9999-12-31T23:59:59-12:00",
            "0000-01-01T00:00:00Z",
        ]
    ),
    _WRONG,
)


def _right(field: Field) -> st.SearchStrategy[Any]:
    if field.enum:
        return st.sampled_from(field.enum)
    match field.type:
        case "string":
            return st.text(min_size=1, max_size=12)
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(int(field.minimum or 0), int(field.maximum or 9))
        case "number":
            return st.floats(field.minimum, field.maximum)


@st.composite
def event_lines(draw: st.DrawFn) -> bytes:
    """Draw the line of an event of the catalogue, of which some fields may be wrong."""
    event = draw(st.sampled_from(list(read_catalogue("support").events.values())))
    data = {
        field.name: draw(_WRONG if draw(st.integers(0, 9)) == 0 else _right(field))
        for field in event.fields
        if draw(st.integers(0, 7))
    }
    envelope: dict[str, Any] = {
        "id": draw(st.sampled_from(["1", "2", "3"]) if draw(st.integers(0, 9)) else _WRONG),
        "source": draw(st.sampled_from(["/a", "/b"]) if draw(st.integers(0, 9)) else _WRONG),
        "type": event.name if draw(st.integers(0, 9)) else draw(_WRONG),
        "time": "2025-06-01T08:00:00Z" if draw(st.integers(0, 3)) else draw(_TIMES),
        "data": data if draw(st.integers(0, 9)) else draw(_WRONG),
    }
    for name in ("specversion", "sequence", "boot", "subject", "traceparent"):
        if draw(st.integers(0, 3)) == 0:
            envelope[name] = draw(st.sampled_from(["1.0", "12", "b1"]) | _WRONG)
    if draw(st.booleans()):
        envelope = dict(draw(st.permutations(list(envelope.items()))))
    return json.dumps(envelope, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


@st.composite
def mutated_lines(draw: st.DrawFn) -> bytes:
    """Draw a valid line in which bytes were changed, cut out or put in."""
    line = bytearray(make_line(draw(st.integers(0, 3))))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(line)))
        end = min(len(line), start + draw(st.integers(0, 5)))
        line[start:end] = draw(
            st.sampled_from([b"", b"\xff", b"\\u0000", b"\\ud800", b"NaN", b"1e400", b'"', b"{"])
            | st.binary(max_size=3)
        )
    return bytes(line)
