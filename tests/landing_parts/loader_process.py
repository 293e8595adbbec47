"""A loader in a process of its own, to be killed: `python -m … '<json of an Order>'`."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from raw_loaders import (
    chunks,
    failpoints,
    known_rows,
    landing,
    lines,
    object_loaders,
    redis_entries,
    redis_streams,
)
from raw_loaders.errors import CasebookError
from raw_loaders.loading import load_source
from tests.landing_parts.places import Place

# Some 20 lines: chunks are cut between blocks, and a larger one would hold a whole file.
BLOCK_BYTES = 4096


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """What to do: `kill_at` a failpoint when it is reached for the `kill_after`th time.

    `variant` breaks the loader on purpose: a check that does not notice checks nothing.
    """

    url: str
    root: str
    redis_url: str | None = None
    chunk_lines: int = 200
    kill_at: str | None = None
    kill_after: int = 1
    variant: str | None = None


def main() -> None:
    """Load once, or die on the way."""
    order = msgspec.json.decode(sys.argv[1], type=Order)
    chunks.CHUNK_LINES = order.chunk_lines
    lines.BLOCK_BYTES = BLOCK_BYTES
    redis_streams.BATCH_ENTRIES = order.chunk_lines
    if order.variant is not None:
        VARIANTS[order.variant]()
    if order.kill_at is not None:
        failpoints.arm(order.kill_at, _killer(order.kill_after))
    place = Place(Path(order.root), lambda: psycopg.connect(order.url), redis_url=order.redis_url)
    try:
        load_source("support", place.connect, place.options())
    except CasebookError as error:
        sys.exit(str(error))


def _killer(after: int) -> Callable[[], None]:
    left = after

    def kill() -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return kill


def _ledger_first() -> None:
    """The ledger says landed before the rows are."""
    original = landing.Lander._insert_load

    def land_once(
        self: Any, object_id: int, chunk: Any, replays: Any, *, is_probing_all: bool
    ) -> Any:
        with self._connection.transaction():
            load_id = self._draw_load_id()
            sorting = self._sort(chunk, is_probing_all=is_probing_all)
            landed = landing.Landed(
                load_id=load_id,
                read=chunk.read_count,
                landed=len(sorting.new),
                duplicate=chunk.read_count - len(sorting.new),
                quarantined=Counter(),
                left_out=Counter(),
            )
            original(self, object_id, chunk, landed, is_replay=bool(replays))
        with self._connection.transaction():
            self._copy_rows(load_id, sorting.new)
            failpoints.reach(failpoints.AFTER_COPY)
            failpoints.reach(failpoints.BEFORE_COMMIT)
        return landed

    landing.Lander._land_once = land_once  # type: ignore[method-assign]


def _ack_first() -> None:
    """Entries are acknowledged before they are committed."""
    original = object_loaders.ObjectLoader._land

    def land(self: Any, delivery: Any, version: Any) -> None:
        if isinstance(delivery, redis_streams.Batch):
            delivery.acknowledge()
        original(self, delivery, version)

    vars(object_loaders)["ObjectLoader"]._land = land


def _no_unique_key() -> None:
    """Nothing but the loader's own look at the table keeps copies out, and it looks away."""

    def drop_index(connection: psycopg.Connection) -> None:
        known_rows.register_dumpers(connection)
        connection.execute("drop index if exists staging.raw_support_events_identity")

    vars(landing)["find_known"] = lambda *_: {}
    vars(landing)["register_dumpers"] = drop_index


def _ids_alone() -> None:
    """An entry is taken for another one of its id."""

    def of(raw_id: bytes, line: bytes) -> redis_entries.Entry:
        digest = raw_id.ljust(redis_entries.DIGEST_BYTES)
        return redis_entries.Entry(raw_id.decode(), line, digest)

    redis_entries.Entry.of = of  # type: ignore[method-assign]


VARIANTS = {
    "ledger first": _ledger_first,
    "ack first": _ack_first,
    "no unique key": _no_unique_key,
    "ids alone": _ids_alone,
}


if __name__ == "__main__":
    main()
