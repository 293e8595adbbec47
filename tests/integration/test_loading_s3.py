"""Objects of a bucket, over a real S3 server."""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from orchestration.database import Database
from orchestration.statuses import count_waiting_objects
from raw_loaders import object_loaders
from raw_loaders.carriers import Content
from raw_loaders.errors import RetriableError
from raw_loaders.stored_objects import StoredObject
from tests.landing_parts.events import make_line, make_lines
from tests.landing_parts.places import Place

BUCKET = "events"


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def files(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import s3fs  # type: ignore[import-untyped]  # noqa: PLC0415 - reads the environment

    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    found = s3fs.S3FileSystem(skip_instance_cache=True, use_listings_cache=False)
    found.mkdir(BUCKET)
    yield found
    found.rm(BUCKET, recursive=True)


@pytest.fixture
def place(files: Any, warehouse: Database, tmp_path: Path) -> Place:
    return Place(tmp_path, warehouse.connect, landing=f"s3://{BUCKET}/in", settle_seconds=0.0)


def test_objects_land_once_and_appended_ones_add_their_new_lines(place: Place, files: Any) -> None:
    files.pipe(f"{BUCKET}/in/support/a.ndjson", make_lines(range(10)))
    files.pipe(f"{BUCKET}/in/support/day/b.ndjson.gz", gzip.compress(make_lines(range(10, 15))))
    files.pipe(f"{BUCKET}/in/support/.hidden.ndjson", make_lines(range(90, 95)))
    files.pipe(f"{BUCKET}/in/other/c.ndjson", make_lines(range(90, 95)))
    assert place.load().landed == 15
    assert place.load().read == 0
    files.pipe(f"{BUCKET}/in/support/a.ndjson", make_lines(range(10)) + make_line(20) + b"\n")
    report = place.load()
    assert (report.read, report.landed) == (1, 1)
    assert place.rows("select object, bytes from staging.objects order by object_id limit 1") == [
        ("support/a.ndjson", len(make_lines(range(10))))
    ]


def test_a_new_object_waits_until_it_is_landed(
    place: Place, files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_loaders, "FRESH_SECONDS", 0.0)
    files.pipe(f"{BUCKET}/in/support/a.ndjson", make_lines(range(10)))
    place.load()
    files.pipe(f"{BUCKET}/in/support/b.ndjson", make_lines(range(10, 12)))
    with place.connect() as connection:
        waiting = count_waiting_objects(connection, f"s3://{BUCKET}/in", ["support"])
    assert waiting == {"support": 1}


def test_a_cut_object_is_named_and_its_neighbours_land(place: Place, files: Any) -> None:
    files.pipe(f"{BUCKET}/in/support/a.ndjson.gz", gzip.compress(make_lines(range(999)))[:-20])
    files.pipe(f"{BUCKET}/in/support/b.ndjson", make_lines(range(5)))
    report = place.load()
    assert report.landed == 5
    assert report.failed == [
        "support/a.ndjson.gz is cut: its compressed data has no end;"
        " deliver it again whole, or remove it."
    ]


@pytest.mark.parametrize("moment", ["it was listed", "it was hashed"])
def test_an_object_replaced_since_lands_only_as_what_it_is_and_its_first_content_when_put_back(
    place: Place, files: Any, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """The first content was noted as landed, by its hash or its tag, and skipped for ever."""
    path, content = f"{BUCKET}/in/support/a.ndjson", make_lines(range(40))
    files.pipe(path, content)

    def identify_and_replace(stored: StoredObject, prefix_sizes: Collection[int]) -> Content:
        if moment == "it was hashed":
            found = identify(stored, prefix_sizes)
        files.pipe(path, make_lines(range(100, 101)))
        return found if moment == "it was hashed" else identify(stored, prefix_sizes)

    identify = StoredObject.identify
    monkeypatch.setattr(StoredObject, "identify", identify_and_replace)
    report = place.load()
    assert report.failed == [
        "support/a.ndjson changed while it was read; load again when its writer is done."
    ]
    monkeypatch.setattr(StoredObject, "identify", identify)
    assert place.load().landed == 1
    files.pipe(path, content)
    assert place.load().landed == 40


def test_a_missing_bucket_or_server_is_one_sentence(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(RetriableError, match=r"^s3://events/in/support cannot be listed: "):
        place.load()


def test_an_empty_folder_is_nothing_to_land(place: Place) -> None:
    assert place.load().objects_landed == 0
