"""Concatenated pretty-printed JSON, cut into documents as it streams by.

In what `JSON.stringify(value, null, 2)` writes, the only line that begins with `}` is the
last of a document, for a text cannot hold a raw line end. So documents are found without
parsing, a damaged one costs itself only, and memory is bounded by the largest document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A document's last line, with its line end: half a document waits.
_END = re.compile(rb"^\}\r?\n", re.MULTILINE)
# Where a document begins, even behind the rest of one whose writer was killed: its first
# field stands two deep.
_START = re.compile(rb"\{\r?\n  \"")
# Larger ones are no telemetry; the bytes up to the next end are one rejected piece.
MAX_DOCUMENT_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes of one document, or of what stands between two; `offset` is in the object."""

    offset: int
    raw: bytes
    is_damaged: bool = False


class DocumentSplitter:
    """Takes blocks of an object in order, gives the documents that end in them."""

    def __init__(self, offset: int = 0) -> None:
        self._rest = b""
        self._offset = offset
        self._skipped = 0

    @property
    def end_offset(self) -> int:
        """Where the last document given ends: a resume starts here."""
        return self._offset

    @property
    def rest(self) -> bytes:
        """What follows it: the beginning of a document, or nothing."""
        return self._rest

    def feed(self, block: bytes) -> Iterator[Document]:
        """Give the documents that the block completes."""
        # An end may lie across two blocks: its line begins in the one before.
        searched = max(0, len(self._rest) - len(b"\n}\r"))
        data = self._rest + block
        start = 0
        for end in _END.finditer(data, searched):
            yield from self._cut(data[start : end.end()])
            start = end.end()
        self._rest = data[start:]
        if len(self._rest) > MAX_DOCUMENT_BYTES:
            self._skip()

    def _cut(self, piece: bytes) -> Iterator[Document]:
        """Give a document, and before it what a killed writer left of another."""
        starts = [match.start() for match in _START.finditer(piece)]
        skipped, self._skipped = self._skipped, 0
        offset = self._offset
        self._offset += len(piece)
        if skipped or not starts:
            if piece.strip():
                yield Document(offset, piece, is_damaged=True)
            return
        before, last = piece[: starts[0]], piece[starts[-1] :]
        if before.strip() or len(starts) > 1:
            yield Document(offset, piece[: starts[-1]], is_damaged=True)
        yield Document(offset + starts[-1], last)

    def _skip(self) -> None:
        """Forget the bytes of a document that is too large, up to what may be its end."""
        kept = self._rest[-len(b"\n}\r") :]
        self._skipped += len(self._rest) - len(kept)
        self._offset += len(self._rest) - len(kept)
        self._rest = kept
