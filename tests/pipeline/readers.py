"""BI tools that read while a build runs: what they see, and whether they wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from orchestration.database import Database

RELATIONS = """
select nspname, relname
from pg_class inner join pg_namespace on relnamespace = pg_namespace.oid
where nspname in ('facts', 'marts') and relkind in ('r', 'v')
order by 1, 2
"""
# As long as a slow report keeps its table; a swap gives up meanwhile, several times.
SLOW_SECONDS = 3.0
PAUSE_SECONDS = 0.5


@dataclass
class Readings:
    """What readers saw: row counts per relation, and errors, a lock held for 1 s among them."""

    counts: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    read_count: int = 0
    longest_seconds: float = 0


@contextmanager
def reading(database: Database, slowly: tuple[str, str] | None = None) -> Iterator[Readings]:
    """Count the rows of all facts and marts again and again while the block runs.

    Beside it somebody reads the relation `slowly` and keeps it for seconds each time.
    """
    readings, ended = Readings(), threading.Event()
    with database.connect(autocommit=True) as connection:
        relations = connection.execute(RELATIONS).fetchall()
    work = [threading.Thread(target=_read, args=(database, relations, readings, ended))]
    if slowly is not None:
        work.append(threading.Thread(target=_dawdle, args=(database, slowly, ended)))
    for thread in work:
        thread.start()
    try:
        yield readings
    finally:
        ended.set()
        for thread in work:
            thread.join()


def _read(
    database: Database,
    relations: list[tuple[str, str]],
    readings: Readings,
    ended: threading.Event,
) -> None:
    with database.connect(autocommit=True, role="bi_reader") as connection:
        # Not by the clock alone: on a busy machine it is the processor that is waited for.
        connection.execute("set lock_timeout to '1s'")
        while not ended.is_set():
            for relation in relations:
                began = time.monotonic()
                try:
                    row = connection.execute(
                        sql.SQL("select count(*) from {}").format(sql.Identifier(*relation))
                    ).fetchone()
                except psycopg.Error as error:
                    readings.errors.append(f"{'.'.join(relation)}: {error}")
                else:
                    readings.counts.setdefault(relation, set()).add(int(row[0]) if row else -1)
                readings.read_count += 1
                readings.longest_seconds = max(readings.longest_seconds, time.monotonic() - began)


def _dawdle(database: Database, relation: tuple[str, str], ended: threading.Event) -> None:
    while not ended.wait(PAUSE_SECONDS):
        with database.connect(role="bi_reader") as connection:
            connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(*relation)))
            ended.wait(SLOW_SECONDS)
