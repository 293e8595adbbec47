"""What a carrier is: it brings deliveries, each a named run of bytes or lines to land.

Files, objects of S3 and batches of a Redis stream are told apart here and nowhere after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from raw_loaders.errors import ObjectError
    from raw_loaders.lines import Block, LongLine, Tail


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a delivery holds, of stored bytes; hashes of its beginnings by their bytes."""

    sha256: str
    bytes: int
    prefixes: Mapping[int, str]


class Delivery(Protocol):
    """One object to land."""

    @property
    def name(self) -> str:
        """Path or name; two versions of one object share it."""
        ...

    @property
    def bytes(self) -> int:
        """Stored bytes."""
        ...

    @property
    def signature(self) -> str | None:
        """What changes whenever the content does and costs nothing to read, if there is such."""
        ...

    @property
    def age_seconds(self) -> float:
        """Time since it was last written to; negative when the writer says it is not done."""
        ...

    @property
    def lands_at_once(self) -> bool:
        """Whether it must not be cut: what is left of it might come again as something else."""
        ...

    def identify(self, prefix_sizes: Collection[int]) -> Content:
        """Hash the stored bytes, and check that they can be read to their end.

        `prefix_sizes` says of how many of the first bytes the hash is wanted as well.
        Raises `ObjectError` when they cannot.
        """
        ...

    def read(
        self, offset: int, max_line_bytes: int | None = None
    ) -> Iterator[Block | LongLine | Tail]:
        """Lines from an offset of the decompressed content on; longer ones are told only.

        Raises `ObjectError` when the content is no longer the one that was identified.
        """
        ...

    def acknowledge(self) -> None:
        """Tell the carrier that all of it is committed."""
        ...


class Carrier(Protocol):
    """Where deliveries of one source come from."""

    def find(self) -> Iterator[Delivery | ObjectError]:
        """Yield what is there, and an error for what cannot be landed.

        The next is asked for after the one before was dealt with.
        """
        ...
