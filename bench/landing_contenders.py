"""What lands the benchmark's lines, each in a process of its own: `python -m … NAME PATH`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import psycopg

BLOCK_BYTES = 2**18
# Rows of one executemany and transaction.
BATCH_ROWS = 1_000

SCHEMAS = ("staging", "facts", "marts", "intermediate", "seeds")


def copy(connection: psycopg.Connection, path: Path) -> None:
    """Land raw lines as text by COPY: the limit."""
    connection.execute("drop table if exists public.raw_lines")
    connection.execute("create table public.raw_lines (line text)")
    statement = "copy public.raw_lines from stdin"
    with path.open("rb") as lines, connection.cursor().copy(statement) as stream:
        while block := lines.read(BLOCK_BYTES):
            stream.write(block)
    connection.commit()


def executemany(connection: psycopg.Connection, path: Path) -> None:
    """Land events as many loaders do: decode, insert in batches, skip conflicts."""
    connection.execute("drop table if exists public.events")
    connection.execute(
        "create table public.events (source text, id text, type text, time timestamptz,"
        " data jsonb, primary key (source, id))"
    )
    statement = "insert into public.events values (%s, %s, %s, %s, %s) on conflict do nothing"
    batch: list[tuple[str, str, str, str, str]] = []
    with path.open("rb") as lines, connection.cursor() as cursor:
        for line in lines:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            batch.append(
                (
                    event["source"],
                    event["id"],
                    event["type"],
                    event["time"],
                    json.dumps(event["data"]),
                )
            )
            if len(batch) == BATCH_ROWS:
                cursor.executemany(statement, batch)
                connection.commit()
                batch.clear()
        cursor.executemany(statement, batch)
    connection.commit()


def casebook(url: str, landing: Path, source: str, *, keep: bool) -> None:
    """Land a landing directory."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - only what a contender needs is imported

    from orchestration.migrations import apply_migrations  # noqa: PLC0415
    from raw_loaders.loading import HashKeys, LoadOptions, load_source  # noqa: PLC0415

    if not keep:
        with psycopg.connect(url, autocommit=True) as connection:
            for schema in SCHEMAS:
                connection.execute(f"drop schema if exists {schema} cascade".encode())
            apply_migrations(connection, url)
    options = LoadOptions(
        landing=str(landing),
        timezone=ZoneInfo("Asia/Shanghai"),
        keys=HashKeys(key=b"benchmark", key_id="benchmark", identity_key=b"benchmark"),
        settle_seconds=0.0,
    )
    report = load_source(source, lambda: psycopg.connect(url), options)
    print(report)


def main() -> None:
    """Run the contender named on the command line."""
    name, path, *flags = sys.argv[1:]
    url = os.environ["BENCH_DATABASE_URL"]
    if name in ("casebook", "outfile"):
        source = "support" if name == "casebook" else "qwen_code"
        casebook(url, Path(path), source, keep="--keep" in flags)
        return
    with psycopg.connect(url) as connection:
        {"copy": copy, "executemany": executemany}[name](connection, Path(path))


if __name__ == "__main__":
    main()
