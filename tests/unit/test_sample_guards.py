"""A sample never enters a real warehouse, real events never a sample's."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.samples.guards import (
    Contents,
    read_landing,
    refuse_mixture,
    sort_out,
    wants_sample,
)
from orchestration.settings import load_settings
from raw_loaders.errors import CasebookError

NOTHING = Contents(has_sample=False, has_real=False)
SAMPLE = Contents(has_sample=True, has_real=False)
REAL = Contents(has_sample=False, has_real=True)
BOTH = Contents(has_sample=True, has_real=True)


@pytest.mark.parametrize(
    ("landing", "landed", "is_embedded"),
    [
        (NOTHING, NOTHING, True),
        (NOTHING, NOTHING, False),
        (NOTHING, SAMPLE, True),
        (NOTHING, REAL, False),
        (SAMPLE, NOTHING, True),
        (SAMPLE, SAMPLE, True),
        (REAL, NOTHING, True),
        (REAL, REAL, True),
        (REAL, REAL, False),
    ],
)
def test_like_meets_like(landing: Contents, landed: Contents, is_embedded: bool) -> None:
    refuse_mixture(landing, landed, is_embedded=is_embedded)


@pytest.mark.parametrize(
    ("landing", "landed", "is_embedded", "cure"),
    [
        (SAMPLE, NOTHING, False, "unset CASEBOOK_DATABASE_URL"),
        (BOTH, REAL, False, "remove it"),
        (SAMPLE, REAL, True, "remove the sample"),
        (REAL, SAMPLE, True, "another CASEBOOK_HOME"),
        (REAL, SAMPLE, False, "another CASEBOOK_HOME"),
        (BOTH, NOTHING, True, "remove one of them"),
        (BOTH, SAMPLE, True, "another CASEBOOK_HOME"),
        (SAMPLE, BOTH, True, "remove the sample"),
    ],
)
def test_a_mixture_is_refused_with_what_to_do(
    landing: Contents, landed: Contents, is_embedded: bool, cure: str
) -> None:
    with pytest.raises(CasebookError, match=cure):
        refuse_mixture(landing, landed, is_embedded=is_embedded)


def test_sample_is_known_by_the_name_of_its_files() -> None:
    assert sort_out([]) == NOTHING
    assert sort_out(["support/sample-20251101T0000.ndjson.gz"]) == SAMPLE
    assert sort_out(["support/events.ndjson", "support/a/sample-1.ndjson"]) == BOTH
    assert sort_out(["sample-shop/events.ndjson"]) == REAL


def test_only_files_of_sources_count_in_the_landing_place(tmp_path: Path) -> None:
    assert read_landing(str(tmp_path / "missing")) == NOTHING
    (tmp_path / "support").mkdir()
    (tmp_path / "README").touch()
    (tmp_path / "support" / ".sample-1.ndjson.gz.partial").touch()
    assert read_landing(str(tmp_path)) == NOTHING
    (tmp_path / "support" / "events.ndjson").touch()
    assert read_landing(str(tmp_path)) == REAL
    assert read_landing("s3://bucket") == REAL


def test_sample_is_offered_to_a_new_embedded_home_only(tmp_path: Path) -> None:
    home = {"CASEBOOK_HOME": str(tmp_path / "home")}
    new = load_settings(home, tmp_path)
    own_landing = load_settings({**home, "CASEBOOK_LANDING": "events"}, tmp_path)
    own_database = load_settings({**home, "CASEBOOK_DATABASE_URL": "postgresql://h/d"}, tmp_path)
    assert wants_sample(new, NOTHING, NOTHING)
    assert not wants_sample(new, NOTHING, REAL), "a home that landed real events"
    assert not wants_sample(new, NOTHING, SAMPLE), "a sample somebody removed"
    assert not wants_sample(new, REAL, NOTHING)
    assert not wants_sample(own_landing, NOTHING, NOTHING), "a directory of one's own"
    assert not wants_sample(own_database, NOTHING, NOTHING)
