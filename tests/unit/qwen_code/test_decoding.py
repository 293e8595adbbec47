"""Lines in, rows and rejections out, wherever a block ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raw_loaders import chunks
from raw_loaders.catalogue import read_catalogue
from raw_loaders.chunks import Chunk, HoldingDecoder, Position, RecallingDecoder, cut_chunks
from raw_loaders.lines import read_lines
from raw_loaders.qwen_code.decoding import TelemetryDecoder
from raw_loaders.redaction import HashKeys
from raw_loaders.sources import find_source
from tests.unit.qwen_code.captures import (
    METRICS,
    SESSION,
    SPAN,
    STAMP,
    attributes,
    new_log,
    old_log,
    otlp_body,
    otlp_record,
    pretty,
)

DOCUMENTS = (
    old_log(success=True),
    SPAN,
    METRICS,
    old_log(success=True),
    new_log(),
    new_log("auth"),
)
OUTFILE = b"".join(map(pretty, DOCUMENTS))


def new_decoder() -> TelemetryDecoder:
    keys = HashKeys(key=b"k", key_id="k", identity_key=b"i")
    now = datetime(2025, 12, 2, tzinfo=UTC)
    return TelemetryDecoder(read_catalogue("qwen_code"), keys, ZoneInfo("UTC"), now)


def decode(data: bytes, block_lines: int, decoder: TelemetryDecoder | None = None) -> Chunk:
    """Decode whole lines in blocks; `end_offset` is where a resume would begin."""
    decoder = decoder or new_decoder()
    lines = data.split(b"\n")[:-1]
    chunk = Chunk(0, 0, 0)
    offset = 0
    for first in range(0, len(lines), block_lines):
        block = lines[first : first + block_lines]
        decoder.decode_lines(block, first + 1, offset, chunk)
        offset += sum(map(len, block)) + len(block)
    held = decoder.held_from or Position(offset, len(lines))
    chunk.end_offset, chunk.end_line_number = held
    return chunk


@settings(deadline=None)
@given(st.integers(1, 200))
def test_outfile_gives_its_events_wherever_blocks_end(block_lines: int) -> None:
    decoder = new_decoder()
    chunk = decode(OUTFILE, block_lines, decoder)
    assert (chunk.read_count, len(chunk.rows), chunk.others, chunk.rejected) == (4, 4, {}, [])
    assert chunk.skipped == {"span": 1, "metrics": 1}
    assert chunk.end_offset == len(OUTFILE)
    whole = decode(OUTFILE, 10_000)
    assert chunk.rows == whole.rows


def test_half_a_document_is_held_and_a_resume_adds_only_what_is_new() -> None:
    cut = OUTFILE.index(b'"event.name": "auth"')
    cut = OUTFILE.rindex(b"\n", 0, cut) + 1
    first = decode(OUTFILE[:cut], 7)
    assert first.read_count == 3
    start = len(OUTFILE) - len(pretty(DOCUMENTS[-1]))
    assert first.end_offset == start
    assert first.end_line_number == OUTFILE[:start].count(b"\n")
    resumed = new_decoder()
    resumed.recall(OUTFILE[:start].split(b"\n")[:-1], 0)
    again = decode(OUTFILE[start:], 7, resumed)
    assert again.read_count == 1
    assert first.rows.keys() | again.rows.keys() == decode(OUTFILE, 7).rows.keys()


def test_recall_tells_a_copy_from_what_was_landed() -> None:
    document = pretty(old_log())
    whole = decode(document * 3, 50)
    assert len(whole.rows) == 3
    resumed = new_decoder()
    resumed.recall((document * 2).split(b"\n")[:-1], 0)
    (new,) = decode(document, 50, resumed).rows
    assert new == list(whole.rows)[2]


def test_recall_leaves_no_half_document() -> None:
    # It was given up as abandoned; then the file grew.
    half, good = pretty(old_log())[:-30] + b"\n", pretty(new_log())
    resumed = new_decoder()
    resumed.recall((good + half).split(b"\n")[:-1], 0)
    chunk = Chunk(0, 0, 0)
    offset = len(good + half)
    resumed.decode_lines(good.split(b"\n")[:-1], 100, offset, chunk)
    assert (chunk.read_count, len(chunk.rows), chunk.rejected) == (1, 1, [])
    assert chunk.find_line(100).offset == offset


def test_damaged_document_is_rejected_where_it_lies() -> None:
    broken = pretty(old_log())[:-30]
    good = pretty(new_log())
    chunk = decode(good + broken + good + good, 5)
    assert (chunk.read_count, len(chunk.rows)) == (4, 3)
    ((line, rejection),) = chunk.rejected
    assert (line.offset, line.length, rejection.reason) == (len(good), len(broken), "malformed")
    assert line.number == good.count(b"\n") + 1


def test_bodies_and_recordings_are_read_line_by_line() -> None:
    post = json.dumps(otlp_body(otlp_record(), otlp_record())).encode()
    event = attributes("qwen-code.api_response", model="m")
    line = {"uuid": "u", "sessionId": SESSION, "timestamp": STAMP, "type": "system"}
    telemetry = {**line, "subtype": "ui_telemetry", "systemPayload": {"uiEvent": event}}
    talk = {**line, "type": "user", "message": "secret"}
    recording = b"".join(json.dumps(each).encode() + b"\n" for each in (talk, telemetry, talk))
    assert len(decode(post + b"\n\n" + post + b"\n", 1).rows) == 4
    decoder = new_decoder()
    chunk = decode(recording, 2, decoder)
    assert (chunk.read_count, len(chunk.rows)) == (1, 1)
    assert chunk.skipped == {"conversation": 2}
    assert b"secret" not in b"".join(row[0] for row in chunk.rows.values())


@pytest.mark.parametrize("raw", [b'{"what": 1}', b'{"uuid": "u", "sessionId": 3}', b'{"'])
def test_line_that_is_nothing_known_is_rejected(raw: bytes) -> None:
    chunk = decode(raw + b"\n", 1)
    assert (chunk.read_count, len(chunk.rejected)) == (1, 1)


@pytest.mark.parametrize(
    ("before", "raw", "is_whole"),
    [
        (b"", b'{"a": 1}', True),
        (b"", b'{"a": 1', False),
        (b"", b"{", False),
        (b'{\n  "a": 1\n', b"}", True),
        (b'{\n  "a": 1\n', b'  "b"', False),
    ],
)
def test_last_line_is_whole_when_json_shows_its_end(
    before: bytes, raw: bytes, is_whole: bool
) -> None:
    decoder = new_decoder()
    decode(before, 1, decoder)
    assert decoder.is_whole(raw) is is_whole


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_chunks_end_between_documents(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(chunks, "CHUNK_LINES", limit)
    monkeypatch.setattr("raw_loaders.lines.BLOCK_BYTES", 97)
    data = OUTFILE + pretty(new_log())[:-40]
    cut = list(
        cut_chunks(
            read_lines(BytesIO(data), 0), new_decoder(), Position(0, 0), takes_half_line=False
        )
    )
    assert not cut[-1].is_last
    assert cut[-1].end_offset == len(OUTFILE)
    assert sum(chunk.read_count for chunk in cut) == 4
    ends = {0}
    for document in DOCUMENTS:
        ends.add(max(ends) + len(pretty(document)))
    for chunk in cut:
        assert chunk.end_offset in ends
        assert chunk.end_line_number == data[: chunk.end_offset].count(b"\n")
    abandoned = list(
        cut_chunks(
            read_lines(BytesIO(data), 0), new_decoder(), Position(0, 0), takes_half_line=True
        )
    )
    assert abandoned[-1].is_last
    assert abandoned[-1].end_offset == len(data)
    (line, rejection) = abandoned[-1].rejected[-1]
    assert (line.offset, rejection.reason) == (len(OUTFILE), "malformed")


def test_line_too_long_to_be_kept_costs_its_field_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("raw_loaders.lines.MAX_LINE_BYTES", 500)
    monkeypatch.setattr("raw_loaders.lines.BLOCK_BYTES", 97)
    long = pretty(old_log("qwen-code.api_request", request_text="x" * 5000, prompt_id="p"))
    data = long + OUTFILE
    (chunk,) = cut_chunks(
        read_lines(BytesIO(data), 0), new_decoder(), Position(0, 0), takes_half_line=False
    )
    assert [rejection.reason for _, rejection in chunk.rejected] == ["too_long"]
    assert (chunk.read_count, len(chunk.rows)) == (6, 5)
    assert (chunk.is_last, chunk.end_offset) == (True, len(data))


def test_decoder_recalls_and_holds() -> None:
    assert isinstance(new_decoder(), RecallingDecoder)
    assert isinstance(new_decoder(), HoldingDecoder)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40).filter(lambda raw: b"\n" not in raw)))
def test_decoding_never_raises(lines: list[bytes]) -> None:
    chunk = decode(b"".join(line + b"\n" for line in lines), 3)
    assert chunk.read_count == len(chunk.rejected) + len(chunk.rows)


def recorded(uuid: str) -> bytes:
    """Write a recording's line with an event."""
    event = attributes("qwen-code.api_response", model="m")
    line = {"uuid": uuid, "sessionId": SESSION, "timestamp": STAMP, "type": "system"}
    telemetry = {**line, "subtype": "ui_telemetry", "systemPayload": {"uiEvent": event}}
    return json.dumps(telemetry).encode() + b"\n"


@pytest.mark.parametrize("garbage", [b"\0\0\0\n", b'": 3}\n', b"{\n", b'{\n  "a": 1,\n'])
@pytest.mark.parametrize("block_lines", [1, 2, 100])
def test_garbage_between_lines_costs_itself_only(garbage: bytes, block_lines: int) -> None:
    data = garbage + recorded("a") + garbage + recorded("b") + recorded("c")
    chunk = decode(data, block_lines)
    assert (len(chunk.rows), chunk.end_offset) == (3, len(data))
    assert {rejection.reason for _, rejection in chunk.rejected} == {"malformed"}
    for line, _ in chunk.rejected:
        assert data[line.offset : line.offset + line.length] == line.raw
        assert line.number == data[: line.offset].count(b"\n") + 1


@pytest.mark.parametrize("block_lines", [1, 9, 10_000])
def test_lines_and_documents_may_share_a_file(block_lines: int) -> None:
    data = recorded("a") + OUTFILE + recorded("b") + b"\n" + OUTFILE
    chunk = decode(data, block_lines)
    assert chunk.rejected == []
    # The second outfile's records are copies of the first's, in the same file.
    assert chunk.read_count == len(chunk.rows) == 10


def test_body_of_many_lines_is_a_body() -> None:
    chunk = decode(pretty(otlp_body(otlp_record(), otlp_record(model={"stringValue": "m"}))), 3)
    assert (chunk.read_count, len(chunk.rows), chunk.rejected) == (2, 2, [])


def test_broken_record_of_a_body_costs_itself_only() -> None:
    body = otlp_body(otlp_record(), {"attributes": 3}, {"attributes": None}, otlp_record())
    chunk = decode(json.dumps(body).encode() + b"\n", 1)
    assert (chunk.read_count, len(chunk.rows)) == (4, 2)
    assert [rejection.reason for _, rejection in chunk.rejected] == ["malformed", "unknown_shape"]
    assert len({line.sha256 for line, _ in chunk.rejected}) == 1


def test_blank_lines_at_the_end_hold_nothing() -> None:
    chunk = decode(OUTFILE + b"\n\n", 10_000)
    assert chunk.end_offset == len(OUTFILE) + 2


def test_large_body_lands_from_a_line_of_its_size() -> None:
    text: dict[str, object] = {"stringValue": "x" * 200_000}
    body = json.dumps(otlp_body(*[otlp_record(response_text=text)] * 40)).encode() + b"\n"
    pieces = read_lines(BytesIO(body), 0, find_source("qwen_code").max_line_bytes)
    (chunk,) = cut_chunks(pieces, new_decoder(), Position(0, 0), takes_half_line=False)
    assert (chunk.read_count, len(chunk.rows), chunk.rejected) == (40, 40, [])
