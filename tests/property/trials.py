"""A world of many small centres in one warehouse: every batch built, every build checked.

Counting: one trial is one centre of a world whose every batch was landed, built
incrementally, and found equal to a full refresh (every row of every fact and mart) and to
the reading (every cell it knows); and whose world, built as of a drawn instant, equals the
reading as of that instant. Centres share days and as_of, nothing else; period rows
are held against the reading of all of them together.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tests.oracle.reading import read
from tests.property.agreement import reading_differences, refresh_differences
from tests.property.centres import Centre, draw_centre
from tests.property.deliveries import Batch, plan
from tests.property.figures import draw_figures
from tests.property.moments import DEADLINES, EPOCHS, Epoch, near

if TYPE_CHECKING:
    from tests.oracle.assumptions import Assumptions
    from tests.oracle.events import Event
    from tests.oracle.losses import Rejected
    from tests.property.warehouses import Warehouse

# How many differences a failure shows.
SHOWN = 20
KILL_SHARE = 0.35


@dataclass(frozen=True)
class World:
    """What a seed means: an epoch with its zone, centres, and the batches they arrive in."""

    seed: str
    epoch: Epoch
    centres: list[Centre]
    batches: list[Batch]
    figures: Assumptions

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.epoch.zone)


def draw_world(seed: str, *, centre_count: int, batch_count: int) -> World:
    """Draw a world; the same arguments give the same one."""
    random = Random(seed)
    epoch = random.choice(EPOCHS)
    centres = [draw_centre(seed, f"c{n}", epoch) for n in range(centre_count)]
    drafts = [draft for centre in centres for draft in centre.drafts]
    batches = plan(random, drafts, batch_count)
    return World(seed, epoch, centres, batches, draw_figures(random, epoch))


@dataclass
class Trial:
    """One world on its way through two warehouses."""

    world: World
    incremental: Warehouse
    refreshed: Warehouse

    def run(self) -> int:
        """Land, build and check every batch; return the number of trials that were clean.

        Raises `AssertionError` with the seed, the batch and the first differences.
        """
        random = Random(f"{self.world.seed}/builds")
        landed: list[Event] = []
        rejected: list[Rejected] = []
        for number, batch in enumerate(self.world.batches, start=1):
            landed += batch.landed
            rejected += batch.rejected
            for warehouse in (self.incremental, self.refreshed):
                warehouse.land(f"batch-{number:03}", batch.lines)
            if not landed:
                continue
            if random.random() < KILL_SHARE:
                self.kill_a_build(random)
            self.incremental.build()
            self.refreshed.build(full_refresh=True)
            self.check(f"{self.world.seed}, batch {number}", landed, rejected)
        self.check_past(random, landed, rejected)
        return len(self.world.centres)

    def kill_a_build(self, random: Random) -> None:
        """Start a build that never finishes, before its first table or after some."""
        names = sorted({table for _, table in self.incremental.tables()})
        stopped_after = random.sample(names, k=random.randint(0, min(4, len(names))))
        only = [f"+{name}" for name in stopped_after]
        self.incremental.build(only=only, is_killed=True)

    def check_past(self, random: Random, landed: list[Event], rejected: list[Rejected]) -> None:
        """Build once more as of an instant in the past; it must be what it was, or would be."""
        moment = random.choice(landed).occurred_at + near(random, random.choice(DEADLINES))
        past = self.incremental.at(moment)
        past.build()
        zone, figures = self.world.zone, self.world.figures
        reading = read(landed, zone, figures, as_of=moment, rejected=rejected)
        found = [str(difference) for difference in reading_differences(past, reading)]
        where = f"{self.world.seed}, as of {moment}"
        assert not found, message(where, "warehouse and reading differ", found)

    def check(self, where: str, landed: list[Event], rejected: list[Rejected]) -> None:
        """Hold the three answers against each other."""
        reading = read(landed, self.world.zone, self.world.figures, rejected=rejected)
        found = list(refresh_differences(self.incremental, self.refreshed))
        assert not found, message(where, "incremental and full refresh differ", found)
        found = [str(d) for d in reading_differences(self.refreshed, reading)]
        assert not found, message(where, "warehouse and reading differ", found)


def message(where: str, what: str, found: list[str]) -> str:
    """Say where a trial failed, with the first differences."""
    return "\n".join([f"{where}: {what} in {len(found)} places", *found[:SHOWN]])
