"""What a build reads, as a table of cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from orchestration.builds import BuildPlan, FinishedBuild, Landed, plan_build, schema_suffix

LAST = FinishedBuild(
    max_load_id=7, as_of={"support": "2025-12-01T00:00:00+00:00"}, definition_sha256="a"
)
LATER = {"support": "2025-12-02T00:00:00+00:00"}
MOMENT = datetime(2025, 12, 1, tzinfo=UTC)


def plan(
    last: FinishedBuild | None = LAST,
    max_load_id: int = 9,
    definition: str = "a",
    explicit_as_of: datetime | None = None,
    *,
    full_refresh: bool = False,
    new_sources: tuple[str, ...] = (),
) -> BuildPlan:
    return plan_build(
        last=last,
        landed=Landed(max_load_id=max_load_id, as_of=LATER, new_sources=new_sources),
        definition_sha256=definition,
        explicit_as_of=explicit_as_of,
        full_refresh=full_refresh,
    )


def test_build_goes_on_from_the_last_finished_one() -> None:
    increment = plan()
    assert not increment.is_full_refresh
    assert (increment.after_load_id, increment.max_load_id) == (7, 9)
    assert (increment.previous_as_of, increment.as_of) == (LAST.as_of, LATER)


@pytest.mark.parametrize(
    ("refresh", "reason"),
    [
        (plan(last=None), "it is the first"),
        (plan(full_refresh=True), "it was asked for"),
        (plan(definition="b"), "models, seeds, assumptions or the time zone changed"),
        (plan(replace(LAST, has_broken_refresh_after=True)), "a full refresh did not finish"),
        (
            plan(last=replace(LAST, is_before_erasure=True)),
            "something was erased since the last build",
        ),
        (plan(explicit_as_of=MOMENT), "CASEBOOK_AS_OF is set"),
        (plan(last=None, explicit_as_of=MOMENT), "CASEBOOK_AS_OF is set"),
    ],
)
def test_full_refresh_has_a_reason_and_no_past(refresh: BuildPlan, reason: str) -> None:
    assert refresh.reason == reason
    assert (refresh.after_load_id, refresh.previous_as_of) == (0, {})
    assert not refresh.is_unchanged


def test_build_is_unchanged_only_without_new_loads_and_times() -> None:
    assert not plan(max_load_id=7).is_unchanged
    again = FinishedBuild(max_load_id=7, as_of=LATER, definition_sha256="a")
    assert plan(last=again, max_load_id=7).is_unchanged
    assert not plan(last=again, max_load_id=8).is_unchanged


def test_source_is_changed_by_new_lines_or_by_time() -> None:
    assert plan(new_sources=("qwen_code",)).changed_sources == {"qwen_code", "support"}
    again = FinishedBuild(max_load_id=7, as_of=LATER, definition_sha256="a")
    assert plan(last=again, new_sources=("qwen_code",)).changed_sources == {"qwen_code"}
    assert plan(last=again).changed_sources == set()


def test_schema_suffix_is_a_plain_identifier() -> None:
    assert schema_suffix(None) == ""
    assert schema_suffix(MOMENT) == "_as_of_20251201t000000z"
