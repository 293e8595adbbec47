"""What commands say of loads, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from raw_loaders.loading import LoadReport


def tell_load(report: LoadReport) -> str:
    """Say in a sentence what was landed of a source."""
    parts = [f"{report.source}: {report.landed:,} events landed"]
    if report.duplicate:
        parts.append(f"{report.duplicate:,} duplicates")
    if report.quarantined:
        reasons = ", ".join(f"{n:,} {why}" for why, n in report.quarantined.most_common())
        parts.append(f"{report.quarantined.total():,} lines in quarantine ({reasons})")
    parts.append(
        f"from {report.objects_landed:,} files in {report.seconds:.1f} s"
        if report.objects_landed
        else "no new files"
    )
    if report.objects_waiting:
        parts.append(f"{report.objects_waiting:,} still being written wait for the next run")
    return "; ".join(parts) + "."
