"""Compressed content is whole, or an error that names the file; memory stays bounded."""

from __future__ import annotations

import gzip
import io
import zlib

import pytest
import zstandard

from raw_loaders.compression import FREE_OUTPUT_BYTES, PIECE_BYTES, open_decompressed
from raw_loaders.errors import ObjectError

CONTENT = b"some line\n" * 50_000
# Zero bytes that fill what is read at once were taken for the end.
PADDED = gzip.compress(CONTENT[:999]).ljust(4 * 64 * PIECE_BYTES, b"\0")


def read_all(data: bytes, name: str) -> bytes:
    stream = open_decompressed(io.BytesIO(data), name)
    return b"".join(iter(lambda: stream.read(10_000), b""))


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (CONTENT, "a.ndjson"),
        (gzip.compress(CONTENT), "a.gz"),
        (gzip.compress(CONTENT[:999]) + gzip.compress(CONTENT[999:]), "two members.gz"),
        (gzip.compress(CONTENT) + b"\0" * 512, "padded.gz"),
        (PADDED + gzip.compress(CONTENT[999:]), "padded and appended.gz"),
        (zstandard.compress(CONTENT), "a.zst"),
        (zstandard.compress(CONTENT[:999]) + zstandard.compress(CONTENT[999:]), "frames.zst"),
    ],
)
def test_content_comes_back(data: bytes, name: str) -> None:
    assert read_all(data, name) == CONTENT


@pytest.mark.parametrize("kind", ["gz", "zst"])
@pytest.mark.parametrize("cut", [1, 8, 20, 400])
def test_cut_content_is_an_error(kind: str, cut: int) -> None:
    data = gzip.compress(CONTENT) if kind == "gz" else zstandard.compress(CONTENT)
    with pytest.raises(ObjectError, match=rf"^a\.{kind} is cut: ") as caught:
        read_all(data[: -min(cut, len(data) - 1)], f"a.{kind}")
    assert str(caught.value).endswith("; deliver it again whole, or remove it.")


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_corrupt_content_is_an_error(kind: str) -> None:
    frame = zstandard.ZstdCompressor(write_checksum=True)
    data = bytearray(gzip.compress(CONTENT) if kind == "gz" else frame.compress(CONTENT))
    data[-3] ^= 0xFF
    with pytest.raises(ObjectError, match=rf"^a\.{kind} is (corrupt|cut): "):
        read_all(bytes(data), f"a.{kind}")


def test_only_gzip_is_padded() -> None:
    with pytest.raises(ObjectError, match=r"^a\.zst is corrupt: .*; deliver it again whole, or "):
        read_all(zstandard.compress(CONTENT) + b"\0" * 512, "a.zst")


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_other_bytes_are_an_error(kind: str) -> None:
    with pytest.raises(ObjectError, match=rf"^a\.{kind} is corrupt: "):
        read_all(b"plain text\n" * 100, f"a.{kind}")


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_a_bomb_is_an_error_long_before_its_end(kind: str) -> None:
    zeros = b"\0" * 2**20
    size = 3 * FREE_OUTPUT_BYTES // 2**20
    if kind == "gz":
        packer = zlib.compressobj(9, wbits=31)
    else:
        packer = zstandard.ZstdCompressor(level=19).compressobj()  # type: ignore[assignment]
    data = b"".join(packer.compress(zeros) for _ in range(size)) + packer.flush()
    stream = open_decompressed(io.BytesIO(data), f"a.{kind}")
    read: list[int] = []
    with pytest.raises(ObjectError, match=rf"^a\.{kind} looks like a decompression bomb: "):
        read.extend(iter(lambda: len(stream.read(2**20)), 0))
    assert sum(read) <= 2 * FREE_OUTPUT_BYTES
