"""A sample never enters a real warehouse, real events never a sample's."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.samples.guards import (
    Contents,
    read_places,
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
        (BOTH, NOTHING, True, "what is beside it"),
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
    environ = {"CASEBOOK_HOME": str(tmp_path)}
    settings = load_settings(environ, tmp_path)
    assert read_places(settings) == NOTHING, "a directory that is not there yet"
    folder = tmp_path / "landing" / "support"
    folder.mkdir(parents=True)
    (tmp_path / "landing" / "README").touch()
    (folder / ".sample-1.ndjson.gz.partial").touch()
    assert read_places(settings) == NOTHING
    (folder / "sample-1.ndjson.gz").touch()
    assert read_places(settings) == SAMPLE
    (folder / "events.ndjson").touch()
    assert read_places(settings) == BOTH


@pytest.mark.parametrize(
    "place",
    [
        {"CASEBOOK_LANDING": "s3://bucket"},
        {"CASEBOOK_REDIS_URL": "redis://localhost:6379/0"},
        {"CASEBOOK_AI_ADMIN_URL": "postgresql://office/db"},
    ],
)
def test_what_others_fill_is_real_before_it_is_read(place: dict[str, str], tmp_path: Path) -> None:
    """A stream was read into the sample's warehouse, and then the load was refused."""
    settings = load_settings({"CASEBOOK_HOME": str(tmp_path), **place}, tmp_path)
    assert read_places(settings) == REAL
    assert not wants_sample(settings, read_places(settings), NOTHING)


def test_sample_is_offered_to_a_new_embedded_home_only(tmp_path: Path) -> None:
    home = {"CASEBOOK_HOME": str(tmp_path / "home")}
    new = load_settings(home, tmp_path)
    (tmp_path / "events").mkdir()
    own_landing = load_settings({**home, "CASEBOOK_LANDING": "events"}, tmp_path)
    own_database = load_settings({**home, "CASEBOOK_DATABASE_URL": "postgresql://h/d"}, tmp_path)
    assert wants_sample(new, NOTHING, NOTHING)
    assert not wants_sample(new, NOTHING, REAL), "a home that landed real events"
    assert not wants_sample(new, NOTHING, SAMPLE), "a sample somebody removed"
    assert not wants_sample(new, REAL, NOTHING)
    assert not wants_sample(own_landing, NOTHING, NOTHING), "a directory of one's own"
    assert not wants_sample(own_database, NOTHING, NOTHING)
