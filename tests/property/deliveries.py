"""Cut the events of centres into batches: late, shuffled, repeated, by several clocks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from tests.oracle.events import Event
from tests.property.drafts import OFFSETS, Draft
from tests.property.moments import DEADLINES, near

if TYPE_CHECKING:
    from random import Random

    from tests.oracle.losses import Rejected

CLOCK = "/clock"
LATE_SHARE = 0.15
COPY_SHARE = 0.1
CONFLICT_SHARE = 0.03


@dataclass
class Batch:
    """What arrives between two builds: lines as sent, in the order they are sent."""

    lines: list[str] = field(default_factory=list)
    landed: list[Event] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def plan(random: Random, drafts: list[Draft], count: int) -> list[Batch]:
    """Deal all drafts into `count` batches.

    Mostly the clock advances: a batch brings what occurred up to an instant, less some that
    come late, and a heartbeat at that very instant, so that as_of lands on deadlines; or that
    heartbeat alone. At times events arrive in any order at all.
    """
    pending = list(drafts)
    sent: list[Draft] = []
    batches = []
    goes_by_clock = random.random() < 0.75
    for number, (tick, is_silent) in enumerate(ticks(random, drafts, count), start=1):
        arriving = pending
        if is_silent and goes_by_clock:
            arriving = []
        elif number < count:
            arriving = [draft for draft in pending if arrives(random, draft, tick, goes_by_clock)]
        taken = {id(draft) for draft in arriving}
        pending = [draft for draft in pending if id(draft) not in taken]
        if goes_by_clock:
            arriving.append(
                Draft(tick, "tracker.heartbeat", producer=CLOCK, event_id=f"tick-{number}")
            )
        batches.append(pack(random, arriving, sent))
        sent += arriving
    return batches


def ticks(random: Random, drafts: list[Draft], count: int) -> list[tuple[datetime, bool]]:
    """Draw the instants of builds, and whether each brings nothing but the time.

    They come in pairs: at something that happened, and, silently, on a deadline of it or a
    hair beside. So state is built as open, immature or active, and then moves by the clock
    alone.
    """
    in_time = sorted(drafts, key=lambda draft: draft.occurred_at)
    latest = in_time[-1].occurred_at
    # The last event of a session, ticket or agent is what its deadline counts from.
    endings = {draft.session_id or draft.ticket_id or draft.agent_id: draft for draft in in_time}
    drawn: list[tuple[datetime, bool]] = []
    while len(drawn) < count - 1:
        anchor = random.choice(list(endings.values())).occurred_at
        deadline = anchor + near(random, random.choice(DEADLINES))
        drawn += [(anchor, False), (min(deadline, latest), True)]
    last = latest + near(random, random.choice(DEADLINES))
    return [*sorted(drawn[: count - 1]), (last, False)]


def arrives(random: Random, draft: Draft, tick: datetime, goes_by_clock: bool) -> bool:
    """Whether a pending event is in the batch of this tick."""
    if goes_by_clock:
        return draft.occurred_at <= tick and random.random() > LATE_SHARE
    return random.random() < 0.3


def pack(random: Random, arriving: list[Draft], sent: list[Draft]) -> Batch:
    """Write a batch: what arrives, copies of that and of earlier events, forged copies."""
    batch = Batch()
    for draft in arriving:
        if draft.is_rejected:
            if draft.sequence is not None:
                batch.rejected.append((draft.producer, draft.boot, draft.sequence))
        else:
            batch.landed.append(draft.event())
    copies = [draft for draft in [*arriving, *sent] if random.random() < COPY_SHARE]
    conflicts = [forged(draft) for draft in sent if random.random() < CONFLICT_SHARE]
    drafts = [*arriving, *copies, *conflicts]
    random.shuffle(drafts)
    batch.lines = [draft.line(random.choice(OFFSETS)) for draft in drafts]
    return batch


def forged(draft: Draft) -> Draft:
    """Return the same id and time with another payload; it must not replace the first."""
    data = {**draft.data, "message_length": 99, "reason": "forged"}
    return replace(draft, data=data, boot=None, sequence=None)
