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


def copy(connection: psycopg.Connection, path: Path, *, is_logged: bool = False) -> None:
    """Land raw lines as text by COPY: the limit.

    At wal_level minimal a table of this very transaction is synced and not logged, which is out
    of reach for whoever appends; `is_logged` commits the table first.
    """
    connection.execute("drop table if exists public.raw_lines")
    connection.execute("create table public.raw_lines (line text)")
    if is_logged:
        connection.commit()
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


def prepare(url: str) -> None:
    """Make an empty warehouse, as a load finds it."""
    from orchestration.migrations import apply_migrations  # noqa: PLC0415 - as below

    with psycopg.connect(url, autocommit=True) as connection:
        for schema in SCHEMAS:
            connection.execute(f"drop schema if exists {schema} cascade".encode())
        apply_migrations(connection, url)


def casebook(url: str, landing: Path, source: str) -> None:
    """Land a landing directory."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - only what a contender needs is imported

    from raw_loaders.loading import HashKeys, LoadOptions, load_source  # noqa: PLC0415

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
    name, *arguments = sys.argv[1:]
    url = os.environ["BENCH_DATABASE_URL"]
    match name:
        case "prepare":
            prepare(url)
        case "casebook" | "outfile":
            casebook(url, Path(arguments[0]), "support" if name == "casebook" else "qwen_code")
        case "copy":
            with psycopg.connect(url) as connection:
                copy(connection, Path(arguments[0]), is_logged="--logged" in arguments)
        case "executemany":
            with psycopg.connect(url) as connection:
                executemany(connection, Path(arguments[0]))


if __name__ == "__main__":
    main()
