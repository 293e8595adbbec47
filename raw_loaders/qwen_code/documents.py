"""Concatenated pretty-printed JSON, cut into documents as it streams by.

In what `JSON.stringify(value, null, 2)` writes, the only line that begins with `}` is the
last of a document, for a text cannot hold a raw line end. So documents are found without
parsing, a damaged one costs itself only, and memory is bounded by the largest document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

# What the last line of a document begins with, and the most that can be seen of its end.
_END = b"\n}"
_EDGE_BYTES = len(b"\n}\r")
# Where a document begins, even behind the rest of one whose writer was killed: its first
# field stands two deep.
_STARTS = (b'{\n  "', b'{\r\n  "')
# Larger ones are no telemetry; the bytes up to the next end are one rejected piece.
MAX_DOCUMENT_BYTES = 8 * 2**20


class Document(NamedTuple):
    """Bytes of one document, or of what stands between two."""

    raw: bytes
    is_damaged: bool = False


class DocumentSplitter:
    """Takes blocks of an object in order, gives the documents that end in them.

    It holds the beginning of a document: `held_bytes` of it, with `held_lines` line ends.
    """

    def __init__(self) -> None:
        # Blocks since the last end; joined when the next one has come.
        self._held: list[bytes] = []
        self.held_bytes = 0
        self.held_lines = 0
        # Whether what is held is the end of a document that is too large.
        self._is_skipping = False

    def held(self) -> bytes:
        """Return the beginning of a document, or nothing."""
        return b"".join(self._held)

    def feed(self, block: bytes) -> Iterator[Document]:
        """Give the documents that the block completes."""
        # An end may lie across two blocks: its line begins in the one before.
        edge = self._edge()
        is_whole = self.held_bytes <= _EDGE_BYTES and not self._is_skipping
        end = _find_end(edge + block, 0, is_line_start=is_whole)
        if end < 0:
            self._hold(block)
            return
        end += self.held_bytes - len(edge)
        data = b"".join((*self._held, block))
        self._held, self.held_bytes, self.held_lines = [], 0, 0
        start = 0
        while end >= 0:
            yield from self._cut(data[start:end])
            start = end
            end = _find_end(data, start, is_line_start=True)
        self._hold(data[start:])

    def _edge(self) -> bytes:
        return b"".join(block[-_EDGE_BYTES:] for block in self._held[-_EDGE_BYTES:])[-_EDGE_BYTES:]

    def _hold(self, block: bytes) -> None:
        """Keep the bytes of a document without an end; of one too large, what may be its end.

        Blanks between documents are no document.
        """
        if not block or (not self._held and block.isspace()):
            return
        self._held.append(block)
        self.held_bytes += len(block)
        self.held_lines += block.count(b"\n")
        self._is_skipping = self._is_skipping or self.held_bytes > MAX_DOCUMENT_BYTES
        if self._is_skipping:
            kept = self._edge()
            self._held, self.held_bytes, self.held_lines = [kept], len(kept), kept.count(b"\n")

    def _cut(self, piece: bytes) -> Iterator[Document]:
        """Give a document, and before it what a killed writer left of another."""
        is_first = piece.startswith(_STARTS) and not self._is_skipping
        if is_first and all(piece.find(start, 1) < 0 for start in _STARTS):
            yield Document(piece)
            return
        start = max(piece.rfind(start) for start in _STARTS)
        if self._is_skipping or start < 0:
            self._is_skipping = False
            yield Document(piece, is_damaged=True)
        elif start and piece[:start].strip():
            yield Document(piece[:start], is_damaged=True)
            yield Document(piece[start:])
        else:
            yield Document(piece)


def _find_end(data: bytes, start: int, *, is_line_start: bool) -> int:
    """Return where the first document from `start` on ends, -1 when that is not to be seen.

    The end of its last line belongs to it, where its writer lived to write one.
    """
    if is_line_start and data.startswith(b"}", start):
        end = start + 1
    else:
        end = data.find(_END, start) + len(_END)
        if end < len(_END):
            return -1
    if data.startswith(b"\r", end):
        end += 1
    if end == len(data):
        return -1
    return end + 1 if data.startswith(b"\n", end) else end
