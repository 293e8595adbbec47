"""Entries of the Redis stream of `support`, and a loader that dies over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import redis

from raw_loaders import failpoints
from raw_loaders.redis_clients import GROUP
from raw_loaders.stream_ledger import WarehouseStreamLedger
from tests.landing_parts.events import make_line
from tests.landing_parts.places import Place

STREAM = "casebook:support"
LOSSES = "{casebook:support}:losses"
LOST = "select coalesce(sum(entry_count), 0)::int from staging.stream_losses"
# In place of `record_losses`: Redis has answered, and what was lost is not in the ledger.
BEFORE_LOSSES = "before losses"


class Killed(BaseException):
    """What is raised in place of a kill."""


def add(client: redis.Redis, numbers: range, *, first_id: int | None = None) -> list[Any]:
    """Add events; with `first_id` under ids of that number and on, which another may have."""
    pipeline = client.pipeline(transaction=False)
    for place, number in enumerate(numbers):
        entry_id = "*" if first_id is None else f"{first_id + place}-0"
        pipeline.xadd(STREAM, {"event": make_line(number)}, id=entry_id)
    return pipeline.execute()


def make_anew(client: redis.Redis, how: str) -> None:
    """Remove the stream, by "flushall" all that is known of it too, and make its group again."""
    if how == "flushall":
        client.flushall()
    else:
        client.delete(STREAM)
    client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)


@dataclass
class Writer:
    """Writes the stream under ids from 1 on, in each of its lives; `lost` were removed unread."""

    client: redis.Redis
    last_id: int = 0
    lost: int = 0
    sent: set[tuple[int, bytes]] = field(default_factory=set)

    def add(self, lines: Sequence[bytes]) -> None:
        """Add an entry a line; never one that a life before had, which would be known."""
        for line in lines:
            self.last_id += 1
            while (self.last_id, line) in self.sent:
                self.last_id += 1
            self.sent.add((self.last_id, line))
            self.client.xadd(STREAM, {"event": line}, id=f"{self.last_id}-0")

    def lose(self, count: int) -> None:
        """Add entries, and remove them before anybody can read them."""
        if count:
            pipeline = self.client.pipeline()
            ids = [f"{self.last_id + place}-0" for place in range(1, count + 1)]
            for entry_id in ids:
                pipeline.xadd(STREAM, {"event": "lost"}, id=entry_id)
            pipeline.xdel(STREAM, *ids)
            pipeline.execute()
            self.last_id += count
            self.lost += count

    def make_anew(self, how: str) -> None:
        """Begin another life; all that was in the stream must have landed."""
        assert self.client.xlen(STREAM) == 0
        make_anew(self.client, how)
        self.last_id = 0


def expected(count: int) -> list[str]:
    """Give the ids of the first events."""
    return [f"e{number:06d}" for number in range(count)]


def load_killed(place: Place, name: str) -> None:
    """Load until a failpoint, or `BEFORE_LOSSES`, and no further."""
    with _killing(name):
        try:
            place.load()
        except Killed:
            return
    raise AssertionError(f"{name} was not reached")


@contextmanager
def _killing(name: str) -> Iterator[None]:
    def kill(*_: object) -> None:
        raise Killed

    original = WarehouseStreamLedger.record_losses
    if name == BEFORE_LOSSES:
        WarehouseStreamLedger.record_losses = kill  # type: ignore[assignment, method-assign]
    else:
        failpoints.arm(name, kill)
    try:
        yield
    finally:
        WarehouseStreamLedger.record_losses = original  # type: ignore[method-assign]
        if name != BEFORE_LOSSES:
            failpoints.arm(name, None)
