"""The client's own counters: what a session used, whichever way they came."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raw_loaders.measures import Measure
from raw_loaders.qwen_code.metrics import read_outfile_metrics, read_posted_metrics
from raw_loaders.qwen_code.records import Skipped, read_body, read_document
from tests.unit.qwen_code.captures import (
    MICROS,
    SESSION,
    counters,
    posted_counters,
    pretty,
)

COUNTS = {"api_calls": 3, "tool_calls": 2, "input_tokens": 40, "cached_tokens": 7}
MEASURE = Measure(SESSION, MICROS - 1_000_000, MICROS, COUNTS)


def outfile_scopes(document: dict[str, Any]) -> list[Measure]:
    return [*read_outfile_metrics(msgspec.Raw(json.dumps(document["scopeMetrics"]).encode()))]


def test_outfile_and_otlp_tell_the_same() -> None:
    (found,) = read_document(pretty(counters(SESSION, **COUNTS)))
    assert found == Skipped("metrics", (MEASURE,))
    (posted,) = read_body(json.dumps(posted_counters(SESSION, **COUNTS)).encode())
    assert posted == found


def test_a_list_that_stands_twice_is_written_once() -> None:
    document = counters(SESSION, **COUNTS)
    points = document["scopeMetrics"][0]["metrics"][0]["dataPoints"]
    points.append({**points[0], "endTime": "[Circular]", "value": 1})
    assert outfile_scopes(document) == [MEASURE._replace(counts={**COUNTS, "api_calls": 4})]


@pytest.mark.parametrize("session", [None, "", "s" * 600, 5, "a\0"])
def test_counters_without_a_session_are_of_none(session: object) -> None:
    assert outfile_scopes(counters(session, **COUNTS)) == []


def test_what_is_not_cumulative_is_not_kept() -> None:
    document = counters(SESSION, **COUNTS)
    for metric in document["scopeMetrics"][0]["metrics"]:
        metric["aggregationTemporality"] = 0
    assert outfile_scopes(document) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(deadline=None)
@given(json_values)
def test_reading_never_raises(value: object) -> None:
    raw = msgspec.Raw(json.dumps(value).encode())
    assert read_outfile_metrics(raw) is not None
    assert read_posted_metrics(raw) is not None
