"""Lands the benchmark's lines with dlt, in dlt's own environment: PATH append|merge."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt  # type: ignore[import-not-found]

# Events handed over at once, as dlt's guide to performance asks for.
BATCH = 1000


def read_events(path: Path) -> Iterator[list[dict[str, Any]]]:
    """Yield readable events in lists."""
    batch = []
    with path.open("rb") as lines:
        for line in lines:
            try:
                batch.append(json.loads(line))
            except ValueError:
                continue
            if len(batch) == BATCH:
                yield batch
                batch = []
    yield batch


def main() -> None:
    """Run one pipeline."""
    path, way = sys.argv[1:]
    os.environ["DESTINATION__POSTGRES__CREDENTIALS"] = os.environ["BENCH_DATABASE_URL"]
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    pipeline = dlt.pipeline(f"bench_{way}", destination="postgres", dataset_name=f"dlt_{way}")
    events = dlt.resource(read_events(Path(path)), name="events")
    hints = {"primary_key": "id"} if way == "merge" else {}
    pipeline.run(events, table_name="events", write_disposition=way, **hints)


if __name__ == "__main__":
    main()
