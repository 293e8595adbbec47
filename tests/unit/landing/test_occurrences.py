"""Copies are told apart the same whether an object is read at once or as it grows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raw_loaders import occurrences
from raw_loaders.occurrences import Occurrences, recall_start

RECORDS = st.lists(st.tuples(st.integers(1, 30), st.sampled_from([b"a", b"b"])), max_size=40)


def numbers(counts: Occurrences, records: list[tuple[int, bytes]]) -> list[int]:
    found = []
    for offset, digest in records:
        counts.move_to(offset)
        found.append(counts.count(digest))
    return found


@pytest.fixture(autouse=True, scope="module")
def small_segments() -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(occurrences, "SEGMENT_BYTES", 50)
        yield


@given(RECORDS, st.integers(0, 40))
def test_what_grew_is_numbered_like_the_whole(steps: list[tuple[int, bytes]], cut: int) -> None:
    offset, records = 0, []
    for step, digest in steps:
        offset += step
        records.append((offset, digest))
    whole = numbers(Occurrences(), records)
    if cut < len(records):
        start = recall_start(records[cut][0])
        grown = Occurrences()
        numbers(grown, [record for record in records[:cut] if record[0] >= start])
        assert numbers(grown, records[cut:]) == whole[cut:]


def test_copies_close_together_are_events_and_far_apart_one() -> None:
    near = [(0, b"a"), (10, b"a"), (60, b"a")]
    assert numbers(Occurrences(), near) == [1, 2, 3]
    assert numbers(Occurrences(), [(0, b"a"), (120, b"a")]) == [1, 1]


def test_memory_is_of_two_segments() -> None:
    counts = Occurrences()
    numbers(counts, [(offset, b"%d" % offset) for offset in range(0, 10_000, 5)])
    assert len(counts._counts) + len(counts._before) <= 20
