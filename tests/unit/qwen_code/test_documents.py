"""Cutting concatenated documents, wherever the blocks end and the writer was killed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from raw_loaders.qwen_code import documents
from raw_loaders.qwen_code.documents import Document, DocumentSplitter
from tests.unit.qwen_code.captures import METRICS, SPAN, new_log, old_log, pretty

FILE = b"".join(map(pretty, (old_log(), METRICS, SPAN, new_log(text='a\n}\n{\n  "b'), new_log())))


def split(data: bytes, block: int) -> tuple[list[Document], DocumentSplitter]:
    splitter = DocumentSplitter()
    blocks = (data[start : start + block] for start in range(0, len(data), block))
    return [document for each in blocks for document in splitter.feed(each)], splitter


@settings(deadline=None)
@given(st.integers(1, len(FILE) + 1))
def test_documents_do_not_depend_on_where_blocks_end(block: int) -> None:
    found, splitter = split(FILE, block)
    assert [json.loads(document.raw) for document in found] == [
        json.loads(pretty(each))
        for each in (old_log(), METRICS, SPAN, new_log(text='a\n}\n{\n  "b'), new_log())
    ]
    assert b"".join(document.raw for document in found) == FILE
    assert not any(document.is_damaged for document in found)
    assert (splitter.held_bytes, splitter.held_lines) == (0, 0)


@pytest.mark.parametrize("cut", [1, 2, 300])
def test_half_a_document_waits_for_its_rest(cut: int) -> None:
    whole = pretty(old_log())
    found, splitter = split(whole + whole[:-cut], 64)
    assert [document.raw for document in found] == [whole]
    assert splitter.held() == whole[:-cut]
    assert splitter.held_lines == whole[:-cut].count(b"\n")
    assert list(splitter.feed(whole[-cut:] + b" ")) == [Document(whole)]


@pytest.mark.parametrize("block", [1, 7, 50, 10_000])
def test_document_that_lacks_only_its_line_end_is_whole(block: int) -> None:
    first, second = pretty(old_log())[:-1], pretty(new_log())
    assert split(first + second, block)[0] == [Document(first), Document(second)]


@pytest.mark.parametrize("cut", [2, 40, 300])
def test_document_of_a_killed_writer_costs_itself_only(cut: int) -> None:
    first, second = pretty(old_log()), pretty(new_log())
    found, _ = split(first[:-cut] + second + first, 50)
    assert [document.is_damaged for document in found] == [True, False, False]
    assert [document.raw for document in found] == [first[:-cut], second, first]


def test_windows_line_ends_are_ends() -> None:
    data = FILE.replace(b"\n", b"\r\n")
    found, _ = split(data, 100)
    assert len(found) == 5
    assert not any(document.is_damaged for document in found)


def test_bytes_that_are_no_documents_are_one_damaged_piece() -> None:
    found, splitter = split(b"garbage\n\n}\n" + pretty(SPAN), 7)
    assert [document.is_damaged for document in found] == [True, False]
    assert splitter.held() == b""


def test_empty_object_has_no_documents() -> None:
    assert split(b"", 10)[0] == []
    assert split(b"\n\n", 1)[0] == []


def test_document_too_large_is_skipped_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_DOCUMENT_BYTES", 1000)
    huge, small = pretty(old_log(text="x" * 50_000)), pretty(new_log())
    splitter = DocumentSplitter()
    found: list[Document] = []
    data = small + huge + small
    for start in range(0, len(data), 100):
        found += splitter.feed(data[start : start + 100])
        assert splitter.held_bytes <= 1100
    assert [document.is_damaged for document in found] == [False, True, False]
    assert found[2] == Document(small)
    assert splitter.held_bytes == 0
