"""Draws of agents' working days and of tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.property.drafts import Draft, break_some, some
from tests.property.moments import AGENT_GAPS, TICKET_GAPS, gap

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

AGENT_STEPS = {
    "agent.login": 3,
    "agent.status_change": 5,
    "agent.heartbeat": 2,
    "agent.logout": 4,
}
AGENT_STATUSES = ("online", "busy", "break", "away", "lunch", "gaming")
# At both ends of what counts, and beyond.
WORK_MINUTES = (0, 30, 60, 480.5, 960, 960.5, -1)

TICKET_STEPS = {
    "ticket.status_changed": 6,
    "ticket.assigned": 2,
    "ticket.closed": 2,
    "ticket.created": 1,
}
TICKET_STATUSES = (
    "open",
    "reopened",
    "in_progress",
    "pending",
    "on_hold",
    "waiting_customer",
    "resolved",
    "resolved",
    "closed",
    "investigating",
)
PRIORITIES = ("low", "normal", "high", "urgent", "urgent", "whenever")


def draw_agent(random: Random, agent_id: str, start: datetime) -> list[Draft]:
    """Draw an agent's evidence, with logins twice, lone logouts and long silences."""
    at = start
    drafts = []
    for name in random.choices(
        list(AGENT_STEPS), list(AGENT_STEPS.values()), k=random.randint(0, 7)
    ):
        data: dict[str, object] = {}
        if name == "agent.status_change":
            data = {"to_status": random.choice(AGENT_STATUSES)}
        elif name == "agent.logout":
            data = some(
                random,
                work_duration_minutes=random.choice(WORK_MINUTES),
                sessions_handled=random.randint(0, 4),
            )
        elif name == "agent.login":
            data = some(random, agent_name=random.choice(("坐席 1", "坐席 2")))
        draft = Draft(at, name, agent_id=agent_id, data=data)
        if name == "agent.logout":
            break_some(random, draft, ("work_duration_minutes", "sessions_handled"))
        drafts.append(draft)
        at += gap(random, AGENT_GAPS)
    return drafts


def draw_ticket(
    random: Random, ticket_id: str, start: datetime, agents: list[str], sessions: list[str]
) -> list[Draft]:
    """Draw a ticket; mostly it is created first, sometimes late, twice or never."""
    names = random.choices(list(TICKET_STEPS), list(TICKET_STEPS.values()), k=random.randint(0, 7))
    if random.random() < 0.85 or not names:
        names.insert(0, "ticket.created")
    at = start
    drafts = []
    for name in names:
        draft = Draft(at, name, ticket_id=ticket_id)
        fill_ticket(random, draft, agents, sessions)
        drafts.append(draft)
        at += gap(random, TICKET_GAPS)
    return drafts


def fill_ticket(random: Random, draft: Draft, agents: list[str], sessions: list[str]) -> None:
    """Give a ticket's event its fields."""
    if draft.name == "ticket.created":
        draft.data = some(
            random, type="return", source="manual", priority=random.choice(PRIORITIES)
        )
        draft.session_id = random.choice((None, *sessions))
        draft.agent_id = random.choice((None, *agents))
        break_some(random, draft, ("priority", "type"))
    elif draft.name == "ticket.assigned":
        draft.data = {"to_agent_id": random.choice(agents)}
    elif draft.name == "ticket.status_changed":
        draft.data = {"to_status": random.choice(TICKET_STATUSES)}
        draft.agent_id = random.choice((None, *agents))
    else:
        draft.data = some(random, resolution_duration_hours=2.25, sla_met=random.random() < 0.5)
        break_some(random, draft, ("sla_met", "resolution_duration_hours"))
