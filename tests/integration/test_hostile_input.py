"""Whatever lies among the files, its good neighbours land and it is named with its place."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import resource
from pathlib import Path

import pytest
import zstandard

from orchestration.database import Database
from raw_loaders.files import LocalFile
from raw_loaders.lines import MAX_LINE_BYTES
from tests.landing_parts.events import make_event, make_line, make_lines
from tests.landing_parts.places import Place


@pytest.fixture
def place(warehouse: Database, tmp_path: Path) -> Place:
    return Place(tmp_path / "landing", warehouse.connect)


def with_text(before: str, after: str) -> bytes:
    """Give a valid event in which one text was replaced by another."""
    text = json.dumps(make_event(1))
    assert before in text
    return text.replace(before, after).encode()


LENGTH = '"message_length": 11'
BAD_LINES = {
    "cut": (make_line(1)[:50], "malformed"),
    "not an object": (b"[1, 2]", "malformed"),
    "two objects": (make_line(1) + make_line(2), "malformed"),
    "byte order mark inside": (b"\xef\xbb\xbf" + make_line(1), "malformed"),
    "UTF-16": (make_line(1).decode().encode("utf-16"), "malformed"),
    "invalid UTF-8": (with_text("user", "us\\u00fcr").replace(b"\\u00fc", b"\xfc"), "malformed"),
    "NUL": (with_text("user", "us\0er"), "malformed"),
    "escaped NUL": (with_text('"s1"', '"s\\u00001"'), "nul_character"),
    "lone surrogate": (with_text('"s1"', '"s\\ud8001"'), "malformed"),
    "NaN": (with_text(LENGTH, '"message_length": NaN'), "malformed"),
    "Infinity": (with_text(LENGTH, '"message_length": -Infinity'), "malformed"),
    "1e400": (with_text(LENGTH, '"message_length": 1e400'), "number_out_of_range"),
    "5,000 digits": (with_text(LENGTH, '"message_length": ' + "9" * 5000), "number_out_of_range"),
    "depth": (with_text(LENGTH, '"x": ' + "[" * 100_000 + "]" * 100_000), "too_deep"),
    "no zone": (make_line(1, time="2025-06-01T08:00:00"), "invalid_envelope"),
    "epoch seconds": (make_line(1, time=1748764800), "invalid_envelope"),
    "epoch milliseconds": (make_line(1, time="1748764800000"), "invalid_envelope"),
    "year 0": (make_line(1, time="0000-06-01T08:00:00Z"), "time_too_old"),
    "year 294276": (make_line(1, time="294276-06-01T08:00:00Z"), "invalid_envelope"),
    "future": (make_line(1, time="2099-06-01T08:00:00Z"), "time_in_future"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_is_named_with_its_place_and_its_neighbours_land(
    place: Place, name: str
) -> None:
    bad, reason = BAD_LINES[name]
    # UTF-16 has line ends of its own inside.
    before, after = make_line(0) + b"\n", b"\n" + make_line(2) + b"\n"
    place.write("a.ndjson", before + bad + after)
    report = place.load()
    assert place.ids() == ["e000000", "e000002"]
    assert set(report.quarantined) == {reason}
    first = place.rows("select byte_offset, line_number from staging.quarantine order by 1 limit 1")
    assert first == [(len(before), 2)]


def test_odd_but_whole_files_land(place: Place) -> None:
    place.write("bom.ndjson", b"\xef\xbb\xbf" + make_lines(range(2)))
    place.write("crlf.ndjson", make_lines(range(2, 4)).replace(b"\n", b"\r\n"))
    place.write("blank.ndjson", b"\n\r\n" + make_line(4) + b"\n\n  \n" + make_line(5))
    place.write("members.ndjson.gz", b"".join(gzip.compress(make_line(n) + b"\n") for n in (6, 7)))
    report = place.load()
    assert (report.read, report.landed) == (8, 8)


@pytest.mark.parametrize("kind", ["gz", "zst"])
@pytest.mark.parametrize("fault", ["cut", "corrupt"])
def test_a_broken_archive_lands_nothing_and_its_neighbours_do(
    place: Place, kind: str, fault: str
) -> None:
    content = make_lines(range(60_000))
    packer = zstandard.ZstdCompressor(write_checksum=True)
    data = bytearray(gzip.compress(content, 1) if kind == "gz" else packer.compress(content))
    if fault == "cut":
        del data[-10:]
    else:
        data[-1 if kind == "zst" else -6] ^= 0xFF
    place.write(f"a.ndjson.{kind}", bytes(data))
    place.write("b.ndjson", make_lines(range(3)))
    report = place.load()
    assert (report.read, report.landed) == (3, 3)
    (failure,) = report.failed
    assert failure.startswith(f"support/a.ndjson.{kind} is ")
    assert place.value("select count(*) from staging.objects") == 1


def test_a_gigabyte_in_one_line_is_measured_in_bounded_memory(place: Place) -> None:
    path = place.write("a.ndjson", make_line(0) + b"\n")
    length = 2**30
    with path.open("ab") as file:
        # A hole in the file: it takes no space and reads as zero bytes.
        file.truncate(path.stat().st_size + length)
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + make_line(1) + b"\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = place.load()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (report.landed, report.quarantined) == (2, {"too_long": 1})
    assert place.rows(
        "select line_number, byte_offset, byte_length, raw_bytes from staging.quarantine"
        " left join staging.quarantine_raw using (quarantine_id)"
    ) == [(2, len(make_line(0)) + 1, length, None)]
    assert grown * 1024 < 64 * MAX_LINE_BYTES


def test_nothing_outside_of_the_landing_directory_is_read(place: Place, tmp_path: Path) -> None:
    inside = place.write("a.ndjson", make_lines(range(3)))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.ndjson").write_bytes(make_lines(range(10, 13)))
    folder = inside.parent
    (folder / "b.ndjson").symlink_to(outside / "secret.ndjson")
    (folder / "c.ndjson").symlink_to(Path("..") / ".." / "outside" / "secret.ndjson")
    (folder / "d").symlink_to(outside)
    (folder / "e.ndjson").symlink_to(folder / "e.ndjson")
    (folder / "f.ndjson").symlink_to(folder / "nothing")
    (folder / "g.ndjson").symlink_to(inside)
    os.mkfifo(folder / "h.ndjson")
    report = place.load()
    assert (report.landed, report.read) == (3, 3)
    leaves = "is a link that leaves the landing directory."
    assert report.failed[:3] == [f"support/{n} {leaves}" for n in ("b.ndjson", "c.ndjson", "d")]
    assert [failure.split()[0] for failure in report.failed[3:]] == [
        "support/e.ndjson",
        "support/f.ndjson",
        "support/h.ndjson",
    ]


def test_a_name_that_is_no_utf8_is_named_and_its_neighbours_land(place: Place) -> None:
    place.write("a.ndjson", make_lines(range(3)))
    place.write(os.fsdecode(b"b\xff.ndjson"), make_lines(range(3, 6)))
    place.write("c.ndjson", make_lines(range(6, 9)))
    report = place.load()
    assert report.landed == 6
    assert report.failed == [r"support/b\udcff.ndjson has a name that is no UTF-8: rename it."]


def test_a_folder_that_cannot_be_listed_is_named_and_its_neighbours_land(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write("a.ndjson", make_lines(range(3)))
    closed = place.write("z/b.ndjson", make_lines(range(3, 6))).parent
    scan = os.scandir

    def refuse(path: str) -> object:
        if path == str(closed):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    report = place.load()
    assert report.landed == 3
    assert report.failed == [
        f"{closed} cannot be read: Permission denied; give this user the right to read it."
    ]


def test_an_error_of_the_disk_is_named_and_the_neighbours_land(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    place.write("a.ndjson", make_lines(range(3)))
    place.write("b.ndjson", make_lines(range(3, 6)))
    whole = LocalFile._open
    monkeypatch.setattr(
        LocalFile, "_open", lambda file: Broken() if "/a." in file.name else whole(file)
    )
    report = place.load()
    assert report.landed == 3
    assert report.failed == [
        "support/a.ndjson cannot be read: Input/output error;"
        " look after its place, then load again."
    ]


def test_what_only_the_server_refuses_is_bisected_out(place: Place) -> None:
    with place.connect() as connection:
        connection.execute(
            "alter table staging.raw_support_events alter column event_id type varchar(7)"
        )
    lines = (
        make_lines(range(500)).replace(b"e000123", b"e000123-long").replace(b"e000400", b"e0004001")
    )
    place.write("a.ndjson", lines + make_line(123, id="e000123-long") + b"\n")
    report = place.load()
    assert (report.read, report.landed) == (501, 498)
    assert place.quarantined() == [
        (124, "server_rejected"),
        (401, "server_rejected"),
        (501, "server_rejected"),
    ]
