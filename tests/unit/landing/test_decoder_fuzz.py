"""The decoder never raises, accounts for every line, and its two paths agree."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from raw_loaders.chunks import Chunk
from raw_loaders.rows import content_of, split_fields
from tests.landing_parts.decoding import decode
from tests.landing_parts.lines import event_lines, mutated_lines


def meaning(chunk: Chunk) -> object:
    return (
        chunk.read_count,
        dict(chunk.rows),
        chunk.others,
        chunk.flags,
        [(line.number, line.offset, why.reason) for line, why in chunk.rejected],
    )


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(event_lines(), mutated_lines(), st.binary(max_size=60)), max_size=8))
def test_every_line_becomes_a_row_or_a_reason(lines: list[bytes]) -> None:
    lines = [line.replace(b"\n", b"") for line in lines]
    chunk = decode(*lines)
    others = sum(map(len, chunk.others.values()))
    assert chunk.read_count == sum(1 for line in lines if line.strip())
    assert chunk.read_count == len(chunk.rows) + others + len(chunk.rejected)
    for row in chunk.rows.values():
        payload = (split_fields(content_of(row))[-2] or b"")[1:]
        values = json.loads(payload.decode())
        assert isinstance(values, dict)
        assert not any("\0" in str(value) for value in values.values())


@settings(max_examples=500, deadline=None)
@given(st.lists(st.one_of(event_lines(), mutated_lines()), max_size=6))
def test_both_paths_of_the_decoder_mean_the_same(lines: list[bytes]) -> None:
    lines = [line.replace(b"\n", b"") for line in lines]
    assert meaning(decode(*lines)) == meaning(decode(*lines, is_careful=True))


@settings(deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_any_document_is_answered(document: Any) -> None:
    chunk = decode(msgspec.json.encode(document))
    assert len(chunk.rejected) == 1
