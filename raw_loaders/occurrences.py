"""How often a record came before in its object, which tells identical copies apart.

Copies are looked for in the same segment of the object and the one before: they bear the same
millisecond, so a client writes them close together, and what comes again a segment later is
the same event delivered twice. So memory is bounded whatever the object, what an object that
has grown must be shown again too, and both give the same numbers, for segments lie at fixed
offsets.
"""

from __future__ import annotations

# Decompressed bytes of an object.
SEGMENT_BYTES = 32 * 2**20


class Occurrences:
    """Counts records, known by a digest, of one object from its start or `recall_start` on."""

    def __init__(self) -> None:
        self._segment = 0
        self._counts: dict[bytes, int] = {}
        self._before: dict[bytes, int] = {}

    def move_to(self, offset: int) -> None:
        """Go on to a record that begins at `offset`; offsets never go back."""
        segment = offset // SEGMENT_BYTES
        if segment != self._segment:
            self._before = self._counts if segment == self._segment + 1 else {}
            self._counts = {}
            self._segment = segment

    def count(self, digest: bytes) -> int:
        """Return the place of a record among its copies, from 1."""
        count = self._counts.get(digest, 0) + 1
        self._counts[digest] = count
        return count + self._before.get(digest, 0)


def recall_start(offset: int) -> int:
    """Return from which offset on records matter to one that begins at `offset`."""
    return max(0, offset // SEGMENT_BYTES - 1) * SEGMENT_BYTES
