"""Files for the build benchmark: a made-up centre's events, cut into deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from orchestration.samples.centres import Centre
from orchestration.samples.writers import write_sample

# Of the sample generator: what one session makes, duplicates and lines to reject included.
LINES_PER_SESSION = 12.2
INCREMENT_SHARE = 0.01
LATE_DAYS = 40
# Of the lines of the last LATE_DAYS days before the increment, every so many come late.
LATE_INTERVAL = 1_000


@dataclass(frozen=True, kw_only=True)
class Deliveries:
    """Folders to land in this order, each a landing directory's `support`."""

    most: Path
    increment: Path
    late: Path
    copies: Path


def write_deliveries(home: Path, events: int, days: int) -> Deliveries:
    """Write about `events` lines over `days` days, whatever their number.

    `increment` holds the last half days, as many as make 1 % of the lines; `late` one in
    1,000 of the lines of 40 days before; `copies` a few lines that have landed before.
    """
    centre = Centre(days=days, sessions_per_day=events / days / LINES_PER_SESSION, seed=7)
    write_sample(centre, home / "all", "none", prefix="bench-")
    folders = Deliveries(
        most=home / "all" / "support",
        increment=home / "increment",
        late=home / "late",
        copies=home / "copies",
    )
    for folder in (folders.increment, folders.late, folders.copies):
        folder.mkdir()
    files = sorted(folders.most.iterdir())
    wanted = INCREMENT_SHARE * sum(path.stat().st_size for path in files)
    while wanted > 0:
        last = files.pop()
        wanted -= last.stat().st_size
        last.rename(folders.increment / last.name)
    for path in files[-2 * LATE_DAYS :]:
        _hold_back(path, folders.late / f"late-{path.name}")
    lines = files[0].read_bytes().splitlines(keepends=True)
    (folders.copies / "copies.ndjson").write_bytes(b"".join(lines[:10]))
    return folders


def _hold_back(path: Path, late: Path) -> None:
    """Move every LATE_INTERVALth line of a file into another."""
    lines = path.read_bytes().splitlines(keepends=True)
    held = lines[LATE_INTERVAL // 2 :: LATE_INTERVAL]
    del lines[LATE_INTERVAL // 2 :: LATE_INTERVAL]
    path.write_bytes(b"".join(lines))
    late.write_bytes(b"".join(held))
