"""Draws of sessions: customers, the AI, queries and the agents who come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle.durations import HOUR
from tests.property.drafts import Draft, break_some, some
from tests.property.moments import SESSION_GAPS, gap, near

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

SITES = ("de", "fr")
CHANNELS = ("web", "app")
STEPS = {
    "session.message": 8,
    "session.escalate": 2,
    "session.end": 3,
    "session.rated": 1,
    "session.intent": 1,
    "query.order": 2,
    "query.tracking": 1,
    "api.coze_call": 2,
    "api.error": 1,
    "agent.session_takeover": 3,
    "agent.session_message": 3,
    "agent.session_release": 2,
    "agent.session_transfer": 2,
    "agent.session_note": 1,
    "session.start": 1,
}
OPTIONAL = {
    "session.start": ("channel", "site", "customer_id"),
    "session.message": ("response_time_ms",),
    "session.escalate": ("severity", "trigger_keyword"),
    "session.end": ("duration_seconds", "message_count"),
    "session.rated": ("score",),
    "query.order": ("success", "response_time_ms"),
    "api.coze_call": ("input_tokens", "response_time_ms"),
}


def draw_sessions(
    random: Random, prefix: str, starts: list[datetime], agents: list[str]
) -> list[Draft]:
    """Draw sessions of two customers; some start 72 h after another ends, or thereabouts."""
    customers = [f"{prefix}-c1", f"{prefix}-c2"]
    drafts: list[Draft] = []
    for number, drawn in enumerate(starts):
        start = follow_up(random, drawn, drafts)
        session_id = f"{prefix}-s{number}"
        drafts += draw_session(random, session_id, start, random.choice(customers), agents)
    return drafts


def follow_up(random: Random, start: datetime, drafts: list[Draft]) -> datetime:
    """Put a start at the edge of the repeat window of something earlier, now and then."""
    if drafts and random.random() < 0.4:
        return random.choice(drafts).occurred_at + near(random, 72 * HOUR)
    return start


def draw_session(
    random: Random, session_id: str, start: datetime, customer: str, agents: list[str]
) -> list[Draft]:
    """Draw one session: mostly it starts with its start, sometimes it has none, or two."""
    names = random.choices(list(STEPS), list(STEPS.values()), k=random.randint(0, 11))
    if random.random() < 0.85 or not names:
        names.insert(0 if random.random() < 0.8 else random.randint(0, len(names)), "session.start")
    at = start
    drafts = []
    for name in names:
        draft = Draft(at, name, session_id, data=draw_data(random, name, customer, agents))
        if name.startswith("agent."):
            draft.agent_id = random.choice(agents)
        break_some(random, draft, OPTIONAL.get(name, ()))
        drafts.append(draft)
        at += gap(random, SESSION_GAPS)
    return drafts


def draw_data(random: Random, name: str, customer: str, agents: list[str]) -> dict[str, object]:
    """Draw what an event of this type says; all but a message's role and length is optional."""
    if name == "session.message":
        role = random.choice(("user", "user", "ai"))
        time = some(random, response_time_ms=random.choice((0, 12.5, 1201))) if role == "ai" else {}
        return {"role": role, "message_length": 3, **time}
    fields = dict(FIXED.get(name, {}))
    fields |= {field: random.choice(values) for field, values in CHOICES.get(name, {}).items()}
    if name == "session.start":
        fields["customer_id"] = customer
    elif name == "agent.session_transfer":
        fields["target_agent_id"] = random.choice(agents)
    return some(random, **fields)


FIXED: dict[str, dict[str, object]] = {
    "session.escalate": {"severity": "high"},
    "query.order": {"response_time_ms": 0.4},
    "query.tracking": {"carrier": "dhl"},
    "api.coze_call": {"workflow_id": "w"},
    "api.error": {"error_type": "timeout", "endpoint": "/x"},
    "agent.session_message": {"message_length": 4},
    "agent.session_transfer": {"reason": "skill"},
}
YES_NO = (True, False)
CHOICES: dict[str, dict[str, tuple[object, ...]]] = {
    "session.start": {"channel": CHANNELS, "site": SITES},
    "session.escalate": {"reason": ("asked", "angry"), "trigger_keyword": ("人工", "refund")},
    "session.end": {
        "duration_seconds": (0, 12.5, 300.125),
        "message_count": (0, 1, 5),
        "resolved_by": ("ai", "human"),
    },
    "session.rated": {"score": (1, 2, 5)},
    "session.intent": {"intent": ("refund", "other")},
    "query.order": {"order_number": ("1", "2"), "success": YES_NO},
    "query.tracking": {"tracking_number": ("1", "2"), "success": YES_NO},
    "api.coze_call": {
        "success": YES_NO,
        "response_time_ms": (0, 1e3, 1700.125),
        "input_tokens": (0, 1001),
        "output_tokens": (0, 333),
    },
    "agent.session_takeover": {"wait_duration_seconds": (0, 30, 30.001, 95.5)},
    "agent.session_release": {"handle_duration_seconds": (1, 61.5), "message_count": (0, 3)},
}
