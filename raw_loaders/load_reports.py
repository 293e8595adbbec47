"""What a load is told and what it tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from raw_loaders.errors import ObjectError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from raw_loaders.landing import Landed
    from raw_loaders.redaction import HashKeys

# Objects that could not be read, each in a sentence; a storage that is away has thousands.
MAX_NAMED = 20


@dataclass(frozen=True, kw_only=True)
class LoadOptions:
    """Where to load from and how. `landing` is a directory or an s3:// URL.

    `timezone` is the one days are counted in; a file younger than `settle_seconds` waits;
    `now` is what times of events are held against.
    """

    landing: str
    timezone: ZoneInfo
    keys: HashKeys
    settle_seconds: float = 5.0
    redis_url: str | None = None
    ai_admin_url: str | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a load is: of stored bytes, `bytes_total` of all objects that are due."""

    object: str
    bytes_done: int
    bytes_total: int
    read: int


@dataclass(kw_only=True)
class LoadReport:
    """What a load did; conserves read = landed + duplicate + quarantined.

    `skipped` objects had landed before; `waiting` ones may still be being written; `failed`
    has a sentence for each that could not be read, `noticed` for what a person should know
    of: a rewritten object, entries that were lost.
    """

    source: str
    objects_landed: int = 0
    objects_skipped: int = 0
    objects_waiting: int = 0
    failed: list[str] = field(default_factory=list)
    noticed: list[str] = field(default_factory=list)
    bytes: int = 0
    seconds: float = 0.0
    read: int = 0
    landed: int = 0
    duplicate: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    # Entries of a stream that were trimmed before they were read.
    lost: int = 0

    def add(self, landed: Landed) -> None:
        """Add what became of one chunk."""
        self.read += landed.read
        self.landed += landed.landed
        self.duplicate += landed.duplicate
        self.quarantined += landed.quarantined


def raise_failures(reports: Iterable[LoadReport]) -> None:
    """Raise `ObjectError` with a sentence, on a line of its own, for each that was not read."""
    failures = [failure for report in reports for failure in report.failed]
    if len(failures) > MAX_NAMED:
        more = f"{len(failures) - MAX_NAMED} more could not be read."
        failures = [*failures[:MAX_NAMED], more]
    if failures:
        raise ObjectError("\n".join(failures))
