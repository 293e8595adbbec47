"""Who held a session when: `fct_session_handlings` and `fct_session_transfers`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tests.oracle.durations import SECOND, in_unit

if TYPE_CHECKING:
    from datetime import datetime
    from fractions import Fraction

    from tests.oracle.events import Event

OpenedBy = Literal["takeover", "message"]
ClosedBy = Literal["implicit_transfer", "release", "transfer", "session_end", "timeout"]
OPENERS: dict[str, OpenedBy] = {
    "agent.session_takeover": "takeover",
    "agent.session_message": "message",
}
CLOSERS: dict[str, ClosedBy] = {
    "agent.session_release": "release",
    "agent.session_transfer": "transfer",
}


@dataclass
class Handling:
    """One interval in which one agent held one session; `opened` is the event that began it."""

    session_id: str
    handling_number: int
    agent_id: str
    opened: Event
    started_at: datetime
    opened_by: OpenedBy
    agent_message_count: int = 0
    first_message_at: datetime | None = None
    ended_at: datetime | None = None
    closed_by: ClosedBy | None = None
    reported_handle_seconds: Fraction | None = None
    reported_message_count: Fraction | None = None

    @property
    def handle_seconds(self) -> Fraction | None:
        """Length of a closed interval; an open one has none."""
        if self.ended_at is None:
            return None
        return in_unit(self.ended_at - self.started_at, SECOND)

    def close(self, at: datetime, by: ClosedBy) -> None:
        """End the interval."""
        self.ended_at, self.closed_by = at, by


@dataclass(frozen=True)
class Transfer:
    """One agent.session_transfer, and whether the target is the next to begin to hold it."""

    session_id: str
    event: Event
    is_accepted: bool


def read_handlings(events: list[Event]) -> list[Handling]:
    """Follow one session's events in order; the last interval may still be running.

    A takeover or a message makes its agent the holder, whoever held it before. Only the
    holder's release or transfer ends the interval, and so does any session.end.
    """
    handlings: list[Handling] = []
    holding: Handling | None = None
    for event in events:
        if event.name in OPENERS:
            if holding is None or holding.agent_id != event.agent_id:
                if holding is not None:
                    holding.close(event.occurred_at, "implicit_transfer")
                holding = opened_handling(event, len(handlings) + 1)
                handlings.append(holding)
            count_message(holding, event)
        elif event.name in CLOSERS and holding and holding.agent_id == event.agent_id:
            holding.close(event.occurred_at, CLOSERS[event.name])
            if event.name == "agent.session_release":
                holding.reported_handle_seconds = event.number("handle_duration_seconds")
                holding.reported_message_count = event.number("message_count")
            holding = None
        elif event.name == "session.end" and holding:
            holding.close(event.occurred_at, "session_end")
            holding = None
    return handlings


def opened_handling(event: Event, number: int) -> Handling:
    """Begin an interval at a takeover or a message."""
    if event.session_id is None or event.agent_id is None:
        raise ValueError(f"{event.name} {event.event_id} lacks its session or agent")
    return Handling(
        session_id=event.session_id,
        handling_number=number,
        agent_id=event.agent_id,
        opened=event,
        started_at=event.occurred_at,
        opened_by=OPENERS[event.name],
    )


def count_message(holding: Handling, event: Event) -> None:
    """Count a message of the holder inside the interval."""
    if event.name == "agent.session_message":
        holding.agent_message_count += 1
        holding.first_message_at = holding.first_message_at or event.occurred_at


def time_out(handlings: list[Handling], last_activity_at: datetime) -> None:
    """In a session that has ended, an interval still running ends at the last activity."""
    for handling in handlings:
        if handling.ended_at is None:
            handling.close(last_activity_at, "timeout")


def read_transfers(events: list[Event], handlings: list[Handling]) -> list[Transfer]:
    """Return the session's transfers; a transfer alone gives the target nothing."""
    place = {id(event): index for index, event in enumerate(events)}
    transfers = []
    for event in events:
        if event.name != "agent.session_transfer" or event.session_id is None:
            continue
        after = (h for h in handlings if place[id(h.opened)] > place[id(event)])
        taker = next(after, None)
        is_accepted = taker is not None and taker.agent_id == event.text("target_agent_id")
        transfers.append(Transfer(event.session_id, event, is_accepted))
    return transfers
