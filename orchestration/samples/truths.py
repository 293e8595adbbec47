"""What a sample contains, counted while it is made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Truth:
    """The counts a landing of the sample must find; complete when the last line was written.

    `lines = delivered + duplicates + sum(quarantined)` and `happened = delivered + lost`.
    """

    lines: int = 0
    # Events that happened, and those of them that arrived, by event name.
    happened: int = 0
    delivered_by_name: Counter[str] = field(default_factory=Counter)
    # Lines equal to one before them.
    duplicates: int = 0
    # Events that arrived more than a day after they happened.
    late: int = 0
    # Events that never arrive, each a gap in its producer's sequence.
    lost_by_producer: Counter[str] = field(default_factory=Counter)
    # Lines that must be rejected, by reason code.
    quarantined: Counter[str] = field(default_factory=Counter)
    # Of these the lines that used up a number of their producer's sequence.
    rejected_by_producer: Counter[str] = field(default_factory=Counter)
    # Events with an optional field that breaks its type; with a field no catalogue lists.
    violations: int = 0
    unknown_fields: Counter[str] = field(default_factory=Counter)
    broken_sequences: int = 0

    @property
    def delivered(self) -> int:
        """Distinct events that arrive and must land."""
        return self.delivered_by_name.total()

    @property
    def lost(self) -> int:
        """Events that happened and never arrive."""
        return self.lost_by_producer.total()
