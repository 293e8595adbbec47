"""Lands the benchmark's lines with dlt, in dlt's own environment: PATH append|merge."""

import json
import os
import sys
from pathlib import Path

import dlt

# Events handed over at once.
BATCH = 1000


@dlt.resource(table_name="events")
def events(path):
    """Yield readable events in lists, as dlt's guide to performance asks for."""
    batch = []
    with Path(path).open("rb") as lines:
        for line in lines:
            try:
                batch.append(json.loads(line))
            except ValueError:
                continue
            if len(batch) == BATCH:
                yield batch
                batch = []
    yield batch


def main():
    """Run one pipeline."""
    path, way = sys.argv[1:]
    os.environ["DESTINATION__POSTGRES__CREDENTIALS"] = os.environ["BENCH_DATABASE_URL"]
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    pipeline = dlt.pipeline(f"bench_{way}", destination="postgres", dataset_name=f"dlt_{way}")
    hints = {"write_disposition": way}
    if way == "merge":
        hints["primary_key"] = "id"
    pipeline.run(events(path), **hints)


if __name__ == "__main__":
    main()
