"""The independent reading against hand-worked vectors: one test a vector."""

from __future__ import annotations

from functools import cache

import pytest

from tests.golden.stories import AS_OF, ZONE, Vector
from tests.golden.vectors import ALL, all_events
from tests.oracle.compare import equal
from tests.oracle.reading import read
from tests.oracle.rows import Rows, fact_rows, mart_rows


@cache
def tables() -> dict[str, Rows]:
    reading = read(all_events(), ZONE)
    assert reading.facts.as_of == AS_OF
    return {**fact_rows(reading), **mart_rows(reading)}


@pytest.mark.parametrize("vector", ALL, ids=lambda vector: f"{vector.rule}: {vector.why}")
def test_reading_agrees_with_hand_worked(vector: Vector) -> None:
    assert vector.expected
    for table, rows in vector.expected.items():
        for key, cells in rows.items():
            found = tables()[table][key]
            differing = {c: (v, found[c]) for c, v in cells.items() if not equal(v, found[c])}
            assert not differing, f"{table} {key}"


def test_vectors_have_rules_of_their_own() -> None:
    rules = [vector.rule for vector in ALL]
    assert len(rules) == len(set(rules))
