"""A landing directory and a warehouse, and what a load made of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg

from raw_loaders.loading import HashKeys, LoadOptions, LoadReport, load_source

KEYS = HashKeys(key=b"rotating", key_id="k1", identity_key=b"never")


@dataclass(frozen=True)
class Place:
    """A landing directory with the folder `support`, and where it lands."""

    root: Path
    connect: Callable[[], psycopg.Connection]
    keys: HashKeys = KEYS
    redis_url: str | None = None
    landing: str | None = None
    settle_seconds: float = 5.0

    def write(self, name: str, content: bytes, age_seconds: float = 60.0) -> Path:
        """Write a file of the source; it was last changed `age_seconds` ago."""
        path = self.root / "support" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        moment = time.time() - age_seconds
        os.utime(path, (moment, moment))
        return path

    def load(self) -> LoadReport:
        """Land what is there; the report's own arithmetic and the ledger's are checked."""
        report = load_source("support", self.connect, self.options())
        assert report.read == report.landed + report.duplicate + report.quarantined.total()
        assert self.value("select coalesce(sum(landed_count), 0) from staging.loads") == self.value(
            "select count(*) from staging.raw_support_events"
        )
        return report

    def options(self) -> LoadOptions:
        """Give the options of a load."""
        return LoadOptions(
            landing=self.landing or str(self.root),
            timezone=ZoneInfo("Asia/Shanghai"),
            keys=self.keys,
            settle_seconds=self.settle_seconds,
            redis_url=self.redis_url,
        )

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Give the rows of a query."""
        with self.connect() as connection:
            return connection.execute(query).fetchall()

    def value(self, query: str) -> object:
        """Give the one value of a query."""
        ((value,),) = self.rows(query)
        return value

    def ids(self) -> list[object]:
        """Give the ids of the landed events, sorted."""
        query = "select event_id from staging.raw_support_events order by event_id"
        return [event_id for (event_id,) in self.rows(query)]

    def quarantined(self) -> list[tuple[object, ...]]:
        """Give line number and reason of the rejected lines."""
        return self.rows("select line_number, reason from staging.quarantine order by 1, 2")
