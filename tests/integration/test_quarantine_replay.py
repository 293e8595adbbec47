"""After a fix, what was rejected and is valid now lands once; no record is changed."""

from __future__ import annotations

import gzip
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from orchestration.database import Database
from raw_loaders import failpoints, sources
from raw_loaders.catalogue import Catalogue, EventType
from raw_loaders.errors import RetriableError
from raw_loaders.files import LocalFile
from raw_loaders.replays import find_rejected, list_rejected, replay_source
from raw_loaders.sources import Source, find_source
from tests.landing_parts.events import make_line, make_lines
from tests.landing_parts.places import Place

NEW_TYPE = "session.teleport"


@pytest.fixture
def place(warehouse: Database, tmp_path: Path) -> Place:
    return Place(tmp_path / "landing", warehouse.connect)


def fix_catalogue(monkeypatch: pytest.MonkeyPatch, *, keeps_bytes: bool = True) -> None:
    """Give support one more event type."""
    before = find_source("support")
    event = before.catalogue.events["session.end"]
    events = {
        **before.catalogue.events,
        NEW_TYPE: EventType(
            name=NEW_TYPE, description="Fixed.", reserved=False, fields=event.fields
        ),
    }
    catalogue = Catalogue(
        source="support",
        title="",
        description="",
        keeps_rejected_bytes=keeps_bytes,
        entity_keys=before.catalogue.entity_keys,
        events=events,
        sha256="fixed",
    )
    fixed: Source = replace(before, catalogue=catalogue)
    monkeypatch.setattr("raw_loaders.replays.find_source", lambda _: fixed)


def deliver(place: Place) -> None:
    lines = [
        make_line(0),
        make_line(1, type=NEW_TYPE, data={"session_id": "s1"}),
        b"not json",
        make_line(2, type=NEW_TYPE, data={"session_id": "s1"}),
        make_line(2, type=NEW_TYPE, data={"session_id": "s1"}),
    ]
    place.write("a.ndjson", b"\n".join(lines) + b"\n")
    place.write("b.ndjson", make_lines(range(10, 12)) + lines[1] + b"\n")
    place.load()


def test_replay_lands_what_is_valid_now_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(place)
    before = place.rows("select * from staging.quarantine order by 1")
    loads = place.rows("select * from staging.loads order by 1")
    report = replay_source("support", place.connect, place.options())
    assert (report.landed, report.rejected) == (0, {"unknown_type": 4, "malformed": 1})
    fix_catalogue(monkeypatch)
    report = replay_source("support", place.connect, place.options(), reason="unknown_type")
    assert (report.landed, report.duplicate) == (2, 2)
    report = replay_source("support", place.connect, place.options())
    assert (report.landed, report.duplicate, report.rejected) == (0, 0, {"malformed": 1})
    assert place.ids() == ["e000000", "e000001", "e000002", "e000010", "e000011"]
    assert place.rows("select * from staging.quarantine order by 1") == before
    assert place.rows("select * from staging.loads where not is_replay order by 1") == loads
    assert place.rows(
        "select object, line_number from staging.raw_support_events"
        " inner join staging.loads using (load_id) inner join staging.objects using (object_id)"
        " where is_replay order by line_number"
    ) == [("support/a.ndjson", 2), ("support/a.ndjson", 4)]
    assert place.load().read == 0


def test_lines_whose_bytes_are_not_kept_are_read_from_their_object(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(place)
    with place.connect() as connection:
        connection.execute("delete from staging.quarantine_raw")
    (place.root / "support" / "b.ndjson").unlink()
    fix_catalogue(monkeypatch)
    report = replay_source("support", place.connect, place.options())
    assert (report.landed, report.duplicate, report.unreadable) == (2, 1, 1)


def test_an_object_is_found_again_under_the_name_it_has_now(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where what was appended to it was seen before it was renamed."""
    line = make_line(1, type=NEW_TYPE, data={"session_id": "s1"}) + b"\n"
    place.write("a.ndjson", line)
    place.load()
    path = place.write("a.ndjson", line + make_line(2) + b"\n")
    place.load()
    path.rename(path.with_name("a.ndjson.1"))
    place.load()
    with place.connect() as connection:
        connection.execute("delete from staging.quarantine_raw")
    fix_catalogue(monkeypatch)
    report = replay_source("support", place.connect, place.options())
    assert (report.landed, report.unreadable) == (1, 0)


def test_an_object_that_is_cut_leaves_the_lines_of_others(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        line = make_line(number, type=NEW_TYPE, data={"session_id": "s1"})
        place.write(f"{number}.ndjson.gz", gzip.compress(line + b"\n"))
    place.load()
    with place.connect() as connection:
        connection.execute("delete from staging.quarantine_raw")
    cut = place.root / "support" / "0.ndjson.gz"
    cut.write_bytes(cut.read_bytes()[:60])
    fix_catalogue(monkeypatch)
    report = replay_source("support", place.connect, place.options())
    assert (report.landed, report.unreadable) == (1, 1)


def test_a_replay_reads_a_compressed_object_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        make_line(number, type=NEW_TYPE, data={"session_id": "s1"}) + b"\nbad"
        for number in range(2_000)
    ]
    place.write("a.ndjson.gz", gzip.compress(b"\n".join(lines) + b"\n"))
    place.load()
    with place.connect() as connection:
        connection.execute("delete from staging.quarantine_raw")
    fix_catalogue(monkeypatch)
    opened: list[str] = []
    open_file = LocalFile._open

    def note(self: LocalFile) -> BinaryIO:
        opened.append(self.name)
        return open_file(self)

    monkeypatch.setattr(LocalFile, "_open", note)
    report = replay_source("support", place.connect, place.options())
    assert (report.landed, report.rejected) == (2_000, {"malformed": 2_000})
    assert opened == ["support/a.ndjson.gz"]


def test_a_replay_holds_a_part_of_the_rejected_bytes(place: Place) -> None:
    line = make_line(1, type=NEW_TYPE, data={"session_id": "s" * 900_000}) + b"\n"
    place.write("a.ndjson", line * 60)
    place.load()
    tracemalloc.start()
    report = replay_source("support", place.connect, place.options())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.rejected == {"unknown_type": 60}
    assert peak < 45e6


def test_a_replay_that_the_server_cuts_off_is_one_sentence(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(place)
    fix_catalogue(monkeypatch)

    def cut() -> None:
        with place.connect() as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )

    monkeypatch.setitem(failpoints._actions, failpoints.BEFORE_COMMIT, cut)
    with pytest.raises(RetriableError, match="The database failed while support was replayed"):
        replay_source("support", place.connect, place.options())


def test_a_conflict_is_replayed_in_vain_without_a_trace(place: Place) -> None:
    """Each replay put the line into quarantine again and said that it had landed."""
    other = make_line(0, data={"session_id": "s2", "role": "ai", "message_length": 3})
    place.write("a.ndjson", make_line(0) + b"\n" + other + b"\n")
    place.load()
    loads = place.rows("select * from staging.loads")
    for _ in range(2):
        report = replay_source("support", place.connect, place.options())
        assert (report.landed, report.rejected) == (0, {"id_conflict": 1})
    assert place.quarantined() == [(2, "id_conflict")]
    assert place.rows("select * from staging.quarantine_replays") == []
    assert place.rows("select * from staging.loads") == loads


def test_what_only_the_server_rejects_is_left_out_of_a_replay(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(place)
    with place.connect() as connection:
        connection.execute(
            "alter table staging.raw_support_events add constraint poison"
            " check (event_id <> 'e000001')"
        )
    fix_catalogue(monkeypatch)
    report = replay_source("support", place.connect, place.options(), reason="unknown_type")
    assert (report.landed, report.duplicate, report.rejected) == (1, 1, {"server_rejected": 2})
    assert place.value("select count(*) from staging.quarantine") == 5
    assert place.value("select count(*) from staging.quarantine_replays") == 2


def test_the_quarantine_can_be_looked_into(place: Place) -> None:
    deliver(place)
    with place.connect() as connection:
        groups = [(group.reason, group.lines, group.waiting) for group in list_rejected(connection)]
        assert groups == [("unknown_type", 4, 4), ("malformed", 1, 1)]
        (line,) = find_rejected(connection, reason="malformed")
        assert (line.object, line.line_number, line.raw) == ("support/a.ndjson", 3, b"not json")
    assert sources.find_source("support").catalogue.events.keys().isdisjoint({NEW_TYPE})
