"""A seeded support centre of about fifty events, dense with the cases that rules name."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from tests.property.conversations import draw_data, draw_sessions
from tests.property.desks import draw_agent, draw_ticket
from tests.property.drafts import Draft
from tests.property.moments import Epoch, begin

if TYPE_CHECKING:
    from tests.oracle.losses import Rejected

# Ids whose byte order is not the order of any locale.
ID_STEMS = ("a", "B", "_", "Z", "é", "0")


@dataclass(frozen=True)
class Centre:
    """Everything that one centre's producers sent or lost; ids start with `prefix`."""

    prefix: str
    drafts: list[Draft]

    @property
    def rejected(self) -> list[Rejected]:
        """Sequences of lines that could not land."""
        return [
            (d.producer, d.boot, d.sequence)
            for d in self.drafts
            if d.is_rejected and d.sequence is not None
        ]


def draw_centre(seed: str, prefix: str, epoch: Epoch) -> Centre:
    """Draw a centre; the same seed, prefix and epoch give the same one."""
    random = Random(f"{seed}/{prefix}")
    agents = [f"{prefix}-A", f"{prefix}-b"]
    starts = [begin(random, epoch) for _ in range(random.randint(1, 4))]
    drafts = draw_sessions(random, prefix, starts, agents)
    sessions = sorted({draft.session_id for draft in drafts if draft.session_id})
    for agent in agents:
        drafts += draw_agent(random, agent, begin(random, epoch))
    for number in range(random.randint(0, 2)):
        ticket = f"{prefix}-t{number}"
        drafts += draw_ticket(random, ticket, begin(random, epoch), agents, sessions)
    drafts += draw_strays(random, epoch)
    drafts = emit(random, prefix, drafts)
    return Centre(prefix, drafts)


def draw_strays(random: Random, epoch: Epoch) -> list[Draft]:
    """Draw calls and errors outside of any session."""
    names = random.choices(
        ("api.coze_call", "api.error", "tracker.heartbeat"), k=random.randint(0, 2)
    )
    return [
        Draft(begin(random, epoch), name, data=draw_data(random, name, "", [])) for name in names
    ]


def emit(random: Random, prefix: str, drafts: list[Draft]) -> list[Draft]:
    """Give every event its producer, id, boot and sequence; lose some and spoil some.

    Ids repeat across producers, never within one; one event in ten draws its sequence late.
    """
    producers = [f"/{prefix}/{name}" for name in ("chat", "desk")]
    numbers = dict.fromkeys(producers, 0)
    counters: dict[tuple[str, str | None], int] = {}
    boots = (None, "b1", "b2")
    emitted = []
    for draft in sorted(drafts, key=lambda draft: (random.random() < 0.1, draft.occurred_at)):
        draft.producer = random.choice(producers)
        numbers[draft.producer] += 1
        draft.event_id = f"{random.choice(ID_STEMS)}{numbers[draft.producer]}"
        if random.random() < 0.8:
            draft.boot = random.choice(boots)
            key = (draft.producer, draft.boot)
            counters[key] = counters.get(key, random.choice((-1, 0, 98))) + 1
            draft.sequence = counters[key]
        if random.random() < 0.06:
            continue
        draft.is_rejected = random.random() < 0.06
        emitted.append(draft)
    return emitted
