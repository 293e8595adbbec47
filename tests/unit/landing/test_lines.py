"""Lines are cut where they end, whatever the blocks they were read in."""

from __future__ import annotations

import hashlib
import io

import pytest

from raw_loaders.lines import BLOCK_BYTES, MAX_LINE_BYTES, Block, LongLine, Tail, read_lines


@pytest.mark.parametrize("end", [b"", b"tail", b"\n"])
def test_lines_and_offsets_add_up(end: bytes) -> None:
    lines = [b"x" * (number * 37 % 5000) for number in range(2000)]
    data = b"\n".join(lines) + b"\n" + end
    found: list[bytes] = []
    position = 0
    for piece in read_lines(io.BytesIO(data), 0):
        assert piece.offset == position
        match piece:
            case Block():
                found += piece.lines
            case Tail():
                found.append(piece.raw)
        position = piece.end_offset
    assert position == len(data)
    assert b"\n".join(found) == data.removesuffix(b"\n")


@pytest.mark.parametrize("extra", [1, BLOCK_BYTES, 5 * BLOCK_BYTES + 3])
@pytest.mark.parametrize("is_ended", [True, False])
def test_a_long_line_is_measured_not_kept(extra: int, *, is_ended: bool) -> None:
    line = b"y" * (MAX_LINE_BYTES + extra)
    data = b"before\n" + line + (b"\nafter\n" if is_ended else b"")
    pieces = list(read_lines(io.BytesIO(data), 100))
    (long,) = (piece for piece in pieces if isinstance(piece, LongLine))
    assert (long.offset, long.length) == (107, len(line))
    assert long.sha256 == hashlib.sha256(line).hexdigest()
    kept = [line for piece in pieces if isinstance(piece, Block) for line in piece.lines]
    assert kept == [b"before", b"after"][: 1 + is_ended]


def test_what_follows_a_long_line_in_one_block_is_still_cut() -> None:
    data = b"y" * (MAX_LINE_BYTES + 7) + b"\nafter\nmore\n"
    pieces = list(read_lines(io.BytesIO(data), 0))
    assert [type(piece) for piece in pieces] == [LongLine, Block]
    assert pieces[1] == Block(MAX_LINE_BYTES + 8, [b"after", b"more"], len(data))
