"""Reads rejected lines from their object again, whatever it is called now."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

from raw_loaders.compression import is_compressed
from raw_loaders.errors import ObjectError
from raw_loaders.lines import Block, LongLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from raw_loaders.carriers import Delivery

# What is not compressed is read from another place when the next line lies further on.
SKIP_BYTES = 2**20


class Rereader:
    """The lines of one object, asked for in their order, so that it is read once.

    `find_deliveries` says, once a line is asked for, where its content may lie: the hash of a
    line says whether it does.
    """

    def __init__(
        self, find_deliveries: Callable[[], Iterable[Delivery]], max_line_bytes: int
    ) -> None:
        self._find_deliveries = find_deliveries
        self._max_line_bytes = max_line_bytes

    @cached_property
    def _windows(self) -> list[_Window]:
        return [_Window(delivery, self._max_line_bytes) for delivery in self._find_deliveries()]

    def find(self, offset: int, length: int, sha256: str) -> bytes | None:
        """Return what lies there; None when no delivery can be read or says the same."""
        for window in self._windows:
            try:
                raw = window.read(offset, length)
            except ObjectError:
                continue
            if hashlib.sha256(raw).hexdigest() == sha256:
                return raw
        return None


class _Window:
    """A part of an object's content that moves on."""

    def __init__(self, delivery: Delivery, max_line_bytes: int) -> None:
        self._delivery = delivery
        self._max_line_bytes = max_line_bytes
        self._pieces = delivery.read(0, max_line_bytes)
        self._content = b""
        self._start = self._end = 0

    def read(self, offset: int, length: int) -> bytes:
        """Return what lies at `offset`, or less where that is cut or in a line too long."""
        if offset - self._end > SKIP_BYTES and not is_compressed(self._delivery.name):
            self._move(offset)
        while self._end < offset + length:
            piece = next(self._pieces, None)
            if piece is None:
                break
            lines: list[bytes] = []
            if isinstance(piece, Block):
                lines = [*piece.lines, b""]
            elif not isinstance(piece, LongLine):
                lines = [piece.raw]
            is_joined = piece.offset == self._end and offset < self._end
            before = self._content[offset - self._start :] if is_joined else b""
            self._content = before + b"\n".join(lines)
            self._start, self._end = piece.offset - len(before), piece.end_offset
        begin = offset - self._start
        return self._content[begin : begin + length] if begin >= 0 else b""

    def _move(self, offset: int) -> None:
        self._pieces = self._delivery.read(offset, self._max_line_bytes)
        self._content, self._start, self._end = b"", offset, offset
