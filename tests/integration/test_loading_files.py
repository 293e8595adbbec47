"""Which lines of which files land, and which do not land twice."""

from __future__ import annotations

import gc
import gzip
import sys
import time
from collections.abc import Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from orchestration.database import Database
from raw_loaders import chunks, failpoints, fingerprints, lines
from raw_loaders.carriers import Carrier, Content, Delivery
from raw_loaders.lines import MAX_LINE_BYTES
from raw_loaders.loading import HashKeys, LoadReport, load_source
from raw_loaders.object_loaders import ObjectLoader
from raw_loaders.stored_objects import StoredObject
from tests.landing_parts.events import make_line, make_lines
from tests.landing_parts.places import KEYS, Place


@pytest.fixture
def place(warehouse: Database, tmp_path: Path) -> Place:
    return Place(tmp_path / "landing", warehouse.connect)


def expected(count: int) -> list[str]:
    return [f"e{number:06d}" for number in range(count)]


def test_plain_gzip_and_zstd_land_alike(place: Place) -> None:
    place.write("a.ndjson", make_lines(range(10)))
    place.write("b.ndjson.gz", gzip.compress(make_lines(range(10, 20))))
    place.write("c.ndjson.zst", zstandard.compress(make_lines(range(20, 30))))
    report = place.load()
    assert (report.objects_landed, report.landed, report.duplicate) == (3, 30, 0)
    assert place.ids() == expected(30)


def test_a_second_load_adds_nothing(place: Place) -> None:
    place.write("a.ndjson", make_lines(range(10)))
    place.load()
    report = place.load()
    assert (report.objects_landed, report.objects_skipped, report.read) == (0, 1, 0)


def test_without_signatures_content_alone_is_recognised(place: Place) -> None:
    place.write("a.ndjson", make_lines(range(10)))
    place.load()
    with place.connect() as connection:
        connection.execute("delete from staging.object_signatures")
    report = place.load()
    assert (report.objects_landed, report.objects_skipped, report.read) == (0, 1, 0)


def test_a_renamed_file_is_not_landed_again(place: Place) -> None:
    path = place.write("a.ndjson", make_lines(range(10)))
    place.load()
    path.rename(path.with_name("renamed.ndjson"))
    report = place.load()
    assert (report.read, report.objects_skipped) == (0, 1)
    assert place.value("select count(*) from staging.objects") == 1


def test_an_appended_file_adds_only_its_new_lines(place: Place) -> None:
    place.write("a.ndjson", make_lines(range(10)))
    place.load()
    place.write("a.ndjson", make_lines(range(10)) + b"not json\n" + make_lines(range(10, 15)))
    report = place.load()
    assert (report.read, report.landed, report.duplicate) == (6, 5, 0)
    assert place.quarantined() == [(11, "malformed")]
    assert report.noticed == []


def test_a_renamed_file_that_is_then_appended_adds_only_its_new_lines(place: Place) -> None:
    """Of an object only its first name was known: its bad lines were quarantined again."""
    lines = make_lines(range(5)) + b"not json\n"
    path = place.write("a.ndjson", lines)
    place.load()
    path.rename(path.with_name("b.ndjson"))
    place.load()
    place.write("b.ndjson", lines + make_lines(range(5, 7)))
    report = place.load()
    assert (report.read, report.landed, report.noticed) == (2, 2, [])
    assert place.quarantined() == [(6, "malformed")]


def test_the_object_seen_last_under_a_name_is_the_one_appended(place: Place) -> None:
    """As where logs rotate: the name had another object before, which came to be known later."""
    old = place.write("a.ndjson", make_lines(range(5)))
    place.load()
    place.write("b.ndjson", make_lines(range(10, 13)))
    place.load()
    old.rename(old.with_name("b.ndjson"))
    place.load()
    place.write("b.ndjson", make_lines(range(7)))
    report = place.load()
    assert (report.read, report.landed, report.noticed) == (2, 2, [])


@pytest.mark.parametrize("successor", [None, 3], ids=["gone", "made anew"])
def test_a_file_appended_and_renamed_at_once_adds_only_its_new_lines(
    place: Place, successor: int | None
) -> None:
    """As where logs rotate between two loads: all was read, its bad lines quarantined, again."""
    lines = make_lines(range(5)) + b"not json\n"
    path = place.write("a.ndjson", lines)
    place.write("other.ndjson", make_lines(range(5)))
    place.load()
    place.write("a.ndjson", lines + make_lines(range(5, 7)))
    path.rename(path.with_name("a.ndjson.1"))
    if successor:
        place.write("a.ndjson", make_lines(range(20, 20 + successor)))
    report = place.load()
    new = 2 + (successor or 0)
    assert (report.read, report.landed) == (new, new)
    assert place.quarantined() == [(6, "malformed")]
    assert place.rows("select object, start_line_number from staging.objects order by 1, 2") == [
        ("support/a.ndjson", 0),
        *([("support/a.ndjson", 0)] if successor else []),
        ("support/a.ndjson.1", 6),
        ("support/other.ndjson", 0),
    ]


def test_a_known_object_moved_over_another_is_not_called_rewritten(place: Place) -> None:
    """Nothing of it lands."""
    place.write("a.ndjson", make_lines(range(5)))
    path = place.write("b.ndjson", make_lines(range(5, 7)))
    place.load()
    path.rename(path.with_name("a.ndjson"))
    report = place.load()
    assert (report.read, report.objects_skipped, report.noticed) == (0, 1, [])


def test_an_appended_gzip_member_adds_only_its_new_lines(place: Place) -> None:
    first = gzip.compress(make_lines(range(10)))
    place.write("a.ndjson.gz", first)
    place.load()
    place.write("a.ndjson.gz", first + gzip.compress(make_lines(range(10, 15))))
    report = place.load()
    assert (report.read, report.landed) == (5, 5)


def test_a_file_appended_while_it_is_landed_adds_only_its_new_lines(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two loaders read the lines in between, and counted each other's as duplicates."""
    interpreter = (sys.getswitchinterval(), gc.isenabled())
    monkeypatch.setattr(chunks, "CHUNK_LINES", 10)
    monkeypatch.setattr(lines, "BLOCK_BYTES", 1_000)
    place.write("a.ndjson", make_lines(range(100)))
    with ThreadPoolExecutor(1) as pool:
        later: list[Future[LoadReport]] = []

        def append_and_load() -> None:
            if later:
                return
            place.write("a.ndjson", make_lines(range(150)))
            later.append(pool.submit(load_source, "support", place.connect, place.options()))
            while not later[0].done() and not place.value(
                "select count(*) from pg_locks inner join pg_database on pg_database.oid = database"
                " where datname = current_database() and locktype = 'advisory' and not granted"
            ):
                time.sleep(0.01)

        monkeypatch.setitem(failpoints._actions, failpoints.AFTER_COMMIT, append_and_load)
        first = load_source("support", place.connect, place.options())
        second = later[0].result()
    assert place.ids() == expected(150)
    assert (first.landed, first.duplicate) == (100, 0)
    assert (second.landed, second.duplicate) == (50, 0)
    # The second load began within the first, and ended after it.
    assert (sys.getswitchinterval(), gc.isenabled()) == interpreter
    assert place.value("select sum(read_count) from staging.loads") == 150


def test_a_file_that_grew_and_was_landed_since_it_was_listed_is_not_taken_for_rewritten(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write("a.ndjson", make_lines(range(10)))
    list_due = ObjectLoader._due

    def list_and_dawdle(loader: ObjectLoader, carrier: Carrier) -> Iterator[Delivery]:
        listed = list(list_due(loader, carrier))
        monkeypatch.setattr(ObjectLoader, "_due", list_due)
        place.write("a.ndjson", make_lines(range(15)))
        assert place.load().landed == 15
        yield from listed

    monkeypatch.setattr(ObjectLoader, "_due", list_and_dawdle)
    report = place.load()
    assert (report.read, report.objects_waiting, report.noticed) == (0, 1, [])
    report = place.load()
    assert (report.read, report.objects_skipped, report.noticed) == (0, 1, [])


@pytest.mark.parametrize("kind", ["", ".gz"])
@pytest.mark.parametrize("change", ["emptied", "overwritten behind the first chunk"])
def test_nothing_of_a_content_that_was_not_hashed_lands(
    place: Place, monkeypatch: pytest.MonkeyPatch, change: str, kind: str
) -> None:
    """The first content was noted as landed to where another was read, and skipped for ever."""
    monkeypatch.setattr(chunks, "CHUNK_LINES", 10)
    monkeypatch.setattr(fingerprints, "BLOCK_BYTES", 1_000)
    content = make_lines(range(100))
    other = content[:5_000] + make_lines(range(500, 600))[5_000:]
    if kind:
        content, other = gzip.compress(content), gzip.compress(other)
    path = place.write(f"a.ndjson{kind}", content)

    def identify_and_lose(stored: StoredObject, prefix_sizes: Collection[int]) -> Content:
        found = identify(stored, prefix_sizes)
        path.write_bytes(b"" if change == "emptied" else other)
        return found

    identify = StoredObject.identify
    monkeypatch.setattr(StoredObject, "identify", identify_and_lose)
    report = place.load()
    assert report.failed == [
        f"support/a.ndjson{kind} changed while it was read; load again when its writer is done."
    ]
    assert place.value("select bool_or(is_last) from staging.loads") in (False, None)
    assert set(place.ids()) <= set(expected(100))
    monkeypatch.undo()
    place.write(f"a.ndjson{kind}", content)
    assert place.load().duplicate == 0
    assert place.ids() == expected(100)


def test_a_file_that_grows_while_it_is_read_lands_as_it_was(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write("a.ndjson", make_lines(range(10)))

    def identify_and_append(stored: StoredObject, prefix_sizes: Collection[int]) -> Content:
        found = identify(stored, prefix_sizes)
        place.write("a.ndjson", make_lines(range(15)))
        return found

    identify = StoredObject.identify
    monkeypatch.setattr(StoredObject, "identify", identify_and_append)
    report = place.load()
    assert (report.landed, report.failed) == (10, [])
    monkeypatch.undo()
    report = place.load()
    assert (report.read, report.landed, report.noticed) == (5, 5, [])


@pytest.mark.parametrize(
    ("content", "landed", "duplicate"),
    [
        (make_lines(range(5, 15)), 5, 5),
        (make_lines(range(4)), 0, 4),
    ],
    ids=["rewritten", "truncated"],
)
def test_a_changed_file_is_reported_and_landed_as_a_new_object(
    place: Place, content: bytes, landed: int, duplicate: int
) -> None:
    place.write("a.ndjson", make_lines(range(10)))
    place.load()
    place.write("a.ndjson", content)
    report = place.load()
    assert (report.landed, report.duplicate) == (landed, duplicate)
    assert report.noticed == [
        "support/a.ndjson was rewritten or truncated; it is landed as a new object."
    ]


def test_a_young_file_waits(place: Place) -> None:
    place.write("a.ndjson", make_lines(range(10)), age_seconds=1.0)
    place.write("b.ndjson.open", make_lines(range(10)))
    report = place.load()
    assert (report.objects_waiting, report.read) == (2, 0)


def test_half_a_line_waits_for_its_other_half(place: Place) -> None:
    half, rest = make_line(10)[:40], make_line(10)[40:]
    place.write("a.ndjson", make_lines(range(10)) + half)
    report = place.load()
    assert (report.landed, report.objects_waiting, place.quarantined()) == (10, 1, [])
    assert place.load().read == 0
    place.write("a.ndjson", make_lines(range(10)) + half + rest + b"\n")
    report = place.load()
    assert (report.landed, report.duplicate, report.objects_waiting) == (1, 0, 0)


def test_half_a_line_is_rejected_when_the_rest_never_came(place: Place) -> None:
    place.write("a.ndjson", make_lines(range(3)) + make_line(3)[:40], age_seconds=100_000)
    report = place.load()
    assert (report.landed, report.objects_waiting) == (3, 0)
    assert place.quarantined() == [(4, "malformed")]


def test_a_last_line_without_line_end_lands_and_the_file_may_go_on(place: Place) -> None:
    place.write("a.ndjson", make_lines(range(3)) + make_line(3))
    assert place.load().landed == 4
    place.write("a.ndjson", make_lines(range(3)) + make_line(3) + b"\n" + make_line(4))
    report = place.load()
    assert (report.read, report.landed) == (1, 1)


def test_lines_are_numbered_alike_however_a_file_grew(place: Place) -> None:
    """The line end that came after its line counted as a line of its own."""
    content = b"\n".join(make_line(number) for number in range(4))
    for count in (2, 3, 4):
        place.write("a.ndjson", b"\n".join(content.split(b"\n")[:count]))
        place.load()
    place.write("a.ndjson", content + b"\nbad\n" + make_line(5) + b"\n")
    place.load()
    assert place.rows("select line_number from staging.raw_support_events order by 1") == [
        (number,) for number in (1, 2, 3, 4, 6)
    ]
    assert place.quarantined() == [(5, "malformed")]


def test_half_a_long_line_waits_and_is_rejected_once(place: Place) -> None:
    """Each look at it rejected what there was, and the last piece as a line of its own."""
    start, long = make_lines(range(2)), b"x" * (MAX_LINE_BYTES + 1)
    for content in (start + long, start + long * 2):
        place.write("a.ndjson", content)
        report = place.load()
        assert (report.quarantined.total(), report.objects_waiting) == (0, 1)
    place.write("a.ndjson", start + long * 2 + b"\n" + make_line(2) + b"\n")
    place.load()
    assert place.quarantined() == [(3, "too_long")]
    assert place.rows("select line_number from staging.raw_support_events order by 1") == [
        (1,),
        (2,),
        (4,),
    ]


def test_half_a_long_line_is_rejected_when_the_rest_never_came(place: Place) -> None:
    half = b"x" * (MAX_LINE_BYTES + 1)
    place.write("a.ndjson", make_lines(range(2)) + half, age_seconds=100_000)
    report = place.load()
    assert (report.landed, report.objects_waiting) == (2, 0)
    assert place.quarantined() == [(3, "too_long")]


def test_an_empty_file_lands_once_and_grows(place: Place) -> None:
    place.write("a.ndjson", b"")
    assert place.load().objects_landed == 1
    assert place.load().objects_skipped == 1
    place.write("a.ndjson", make_lines(range(2)))
    report = place.load()
    assert (report.landed, report.noticed) == (2, [])


def test_copies_count_as_duplicates_in_a_chunk_across_chunks_and_files(place: Place) -> None:
    many = make_lines(range(25_000))
    place.write("a.ndjson", make_lines(range(10)) * 2 + many)
    place.write("b.ndjson", make_lines(range(24_990, 25_010)))
    report = place.load()
    assert (report.landed, report.duplicate) == (25_010, 30)
    assert (
        place.value("select sum(line_count) from staging.load_counts where outcome = 'duplicate'")
        == 30
    )


def test_an_id_with_another_payload_is_a_conflict_wherever_the_first_is(place: Place) -> None:
    other = make_line(1, data={"session_id": "s1", "role": "ai", "message_length": 11})
    place.write("a.ndjson", make_lines(range(3)) + other + b"\n")
    place.write("b.ndjson", other + b"\n" + other + b"\n" + make_line(1) + b"\n")
    report = place.load()
    assert (report.landed, report.duplicate) == (3, 1)
    assert report.quarantined == {"id_conflict": 3}
    assert place.quarantined() == [(1, "id_conflict"), (2, "id_conflict"), (4, "id_conflict")]


def test_the_same_id_at_another_time_lands(place: Place) -> None:
    moved = make_line(1, time="2025-06-02T00:00:00Z")
    place.write("a.ndjson", make_line(1) + b"\n" + moved + b"\n")
    assert place.load().landed == 2


def test_a_rejected_line_does_not_claim_its_id(place: Place) -> None:
    broken = make_line(1, data={"session_id": "s1"})
    place.write("a.ndjson", broken + b"\n" + make_line(1) + b"\n")
    report = place.load()
    assert (report.landed, report.quarantined) == (1, {"invalid_data": 1})


def test_a_rotated_key_makes_no_conflicts_and_other_fields_still_do(place: Place) -> None:
    start = {"session_id": "s1", "channel": "web", "customer_id": "c1"}
    line = make_line(1, type="session.start", data=start)
    place.write("a.ndjson", line + b"\n")
    place.load()
    rotated = HashKeys(key=b"next", key_id="k2", identity_key=KEYS.identity_key)
    other = make_line(1, type="session.start", data=start | {"channel": "app"})
    place.write("b.ndjson", line + b"\n\n" + other + b"\n")
    report = replace(place, keys=rotated).load()
    assert (report.duplicate, report.quarantined) == (1, {"id_conflict": 1})


def test_counts_and_rejected_sequences_are_kept_by_producer_and_local_day(place: Place) -> None:
    lines = [
        make_line(0, data={"session_id": "s", "role": "ai", "message_length": -1, "mood": 3}),
        make_line(1, type="session.begin", time="2025-06-01T17:00:00Z"),
        make_line(3, type="nothing", time="2199-01-01T00:00:00Z"),
    ]
    place.write("a.ndjson", b"\n".join(lines) + b"\n")
    place.load()
    assert place.rows(
        "select producer, event_date::text, event_name, outcome, reason, line_count"
        " from staging.load_counts order by outcome, reason, event_date"
    ) == [
        ("/chat/a", "2025-06-01", "session.message", "landed", None, 1),
        ("/chat/a", "2025-06-02", "session.begin", "quarantined", "unknown_type", 1),
        ("/chat/a", None, "nothing", "quarantined", "unknown_type", 1),
        ("/chat/a", "2025-06-01", "session.message", "unknown_field", "mood", 1),
        ("/chat/a", "2025-06-01", "session.message", "violation", "message_length", 1),
    ]
    assert place.rows(
        "select producer, sequence, event_date::text from staging.rejected_sequences order by 2"
    ) == [("/chat/a", 2, "2025-06-02"), ("/chat/a", 4, None)]


def test_rejected_bytes_lie_at_their_offset(place: Place) -> None:
    content = make_line(0) + b"\r\n" + b"\xff bad\n" + make_line(1) + b"\n"
    path = place.write("a.ndjson", content)
    place.load()
    ((offset, length, raw, days),) = place.rows(
        "select byte_offset, byte_length, raw_bytes,"
        " extract(day from expires_at - quarantined_at)::int"
        " from staging.quarantine inner join staging.quarantine_raw using (quarantine_id)"
    )
    assert isinstance(offset, int)
    assert isinstance(length, int)
    assert path.read_bytes()[offset : offset + length] == raw == b"\xff bad"
    assert days == 30
