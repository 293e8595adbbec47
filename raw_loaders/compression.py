"""Decompresses gzip and zstd, whole or not at all, in bounded memory."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

import zstandard

from raw_loaders.errors import ObjectError

if TYPE_CHECKING:
    from collections.abc import Callable

    from raw_loaders.lines import Readable

# Bytes of output that a file may have whatever its size, and beyond that for each stored
# byte: logs of one repeated line stay below 150, bombs go to a million.
FREE_OUTPUT_BYTES = 64 * 2**20
MAX_RATIO = 250
# Output of one file, at most: a day of the largest centre is a thousandth of it.
MAX_OUTPUT_BYTES = 2**40
# Stored bytes decompressed at once; zstd makes up to 32,768 bytes of each, so up to 64 MiB.
PIECE_BYTES = 2**11
# Largest window a zstd frame may ask for; `zstd --long` asks for 128 MiB.
MAX_WINDOW_BYTES = 2**27
_ADVICE = "deliver it again whole, or remove it"


class _Decompressor(Protocol):
    """Of one gzip member or zstd frame."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def open_decompressed(stored: Readable, name: str) -> Readable:
    """Return a reader of the content of a file, by the end of its name.

    Reading raises `ObjectError` when the file is cut, corrupt or a bomb.
    """
    if name.endswith(".gz"):
        # Tapes and block devices pad with zero bytes; another member may follow.
        return _Decompressed(stored, name, lambda: zlib.decompressobj(wbits=31), padding=b"\0")
    if name.endswith(".zst"):
        context = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES)
        return _Decompressed(stored, name, context.decompressobj, padding=b"")
    return stored


def is_compressed(name: str) -> bool:
    """Whether a file of that name is decompressed."""
    return name.endswith((".gz", ".zst"))


class _Decompressed:
    """Reads concatenated gzip members or zstd frames."""

    def __init__(
        self, stored: Readable, name: str, new: Callable[[], _Decompressor], *, padding: bytes
    ) -> None:
        self._stored = stored
        self._name = name
        self._new = new
        self._padding = padding
        self._current: _Decompressor | None = None
        self._input = b""
        self._output = b""
        self._stored_bytes = 0
        self._output_bytes = 0

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        parts, missing = [self._output], size - len(self._output)
        while missing > 0:
            part = self._next_output()
            if not part:
                break
            parts.append(part)
            missing -= len(part)
        data = b"".join(parts)
        self._output = data[size:]
        return data[:size]

    def _next_output(self) -> bytes:
        while True:
            piece = self._next_piece()
            if not piece:
                if self._current is not None:
                    raise ObjectError(
                        f"{self._name} is cut: its compressed data has no end; {_ADVICE}."
                    )
                return b""
            if self._current is None:
                self._current = self._new()
            try:
                output = self._current.decompress(piece)
            except (zlib.error, zstandard.ZstdError) as error:
                raise ObjectError(f"{self._name} is corrupt: {error}; {_ADVICE}.") from error
            if self._current.eof:
                self._input = self._current.unused_data + self._input
                self._current = None
            if output:
                self._check_size(len(output))
                return output

    def _next_piece(self) -> bytes:
        self._input = self._without_padding(self._input)
        while not self._input and (data := self._stored.read(64 * PIECE_BYTES)):
            self._stored_bytes += len(data)
            self._input = self._without_padding(data)
        piece, self._input = self._input[:PIECE_BYTES], self._input[PIECE_BYTES:]
        return piece

    def _without_padding(self, data: bytes) -> bytes:
        return data.lstrip(self._padding) if self._current is None else data

    def _check_size(self, added: int) -> None:
        self._output_bytes += added
        limit = FREE_OUTPUT_BYTES + MAX_RATIO * self._stored_bytes
        if self._output_bytes > min(limit, MAX_OUTPUT_BYTES):
            raise ObjectError(
                f"{self._name} looks like a decompression bomb: {self._stored_bytes} stored bytes "
                f"become more than {self._output_bytes}; remove it or compress it anew."
            )
