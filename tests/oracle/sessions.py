"""One row per session: `fct_sessions`, by the definitions' section on sessions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from tests.oracle.calendars import local_date
from tests.oracle.durations import HOUR, SECOND, in_unit
from tests.oracle.events import Event, first, grouped, last
from tests.oracle.handlings import Handling, Transfer, read_handlings, read_transfers, time_out

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from zoneinfo import ZoneInfo

SESSION_TIMEOUT = timedelta(minutes=30)
# Producers' clocks differ by this much: an end outlives activity no later than that, and a
# negative gap no larger counts as none.
CLOCK_TOLERANCE = timedelta(seconds=5)
REPEAT_WINDOW = 72 * HOUR

SESSION_EVENTS = ("session.", "query.", "agent.session_", "api.")
ACTIVITIES = (
    "session.message",
    "session.escalate",
    "query.order",
    "query.tracking",
    "agent.session_takeover",
    "agent.session_message",
)
EndType = Literal["explicit", "timeout", "open"]


@dataclass
class Session:
    """One session with its handlings and transfers; NULL is None."""

    session_id: str
    events: list[Event]
    started_at: datetime
    is_start_observed: bool
    last_activity_at: datetime
    ended_at: datetime | None
    end_type: EndType
    channel: str | None
    site: str | None
    user_agent: str | None
    customer_id: str | None
    started_date: date
    handlings: list[Handling]
    transfers: list[Transfer]
    is_mature: bool | None
    is_repeat_within_72h: bool | None = None

    def count(self, *names: str) -> int:
        """Count the session's events with these names."""
        return sum(event.name in names for event in self.events)

    @property
    def duration_seconds(self) -> Fraction | None:
        """From start to end."""
        return None if self.ended_at is None else in_unit(self.ended_at - self.started_at, SECOND)

    @property
    def customer_message_count(self) -> int:
        """Messages the customer wrote."""
        return sum(event.is_customer_message() for event in self.events)

    @property
    def ai_message_count(self) -> int:
        """Messages the AI wrote."""
        return sum(event.is_ai_message() for event in self.events)

    @property
    def agent_message_count(self) -> int:
        """Messages agents wrote, held or not."""
        return self.count("agent.session_message")

    @property
    def message_count(self) -> int:
        """All three together."""
        return self.customer_message_count + self.ai_message_count + self.agent_message_count

    @property
    def is_engaged(self) -> bool:
        """Whether the customer wrote anything."""
        return self.customer_message_count > 0

    @property
    def escalation(self) -> Event | None:
        """The first escalation."""
        return first(self.events, "session.escalate")

    @property
    def escalated_at(self) -> datetime | None:
        """When it was first escalated."""
        return self.escalation.occurred_at if self.escalation else None

    @property
    def outcome(self) -> str:
        """The first of the exclusive outcomes that fits."""
        if self.end_type == "open":
            return "open"
        if self.count("agent.session_takeover", "agent.session_message"):
            return "human"
        if self.escalation:
            return "queue_abandoned"
        if not self.is_engaged:
            return "empty"
        speakers = [event for event in self.events if event.name == "session.message"]
        return "ai_resolved" if speakers[-1].is_ai_message() else "ai_abandoned"

    @property
    def reported_wait_seconds(self) -> Fraction | None:
        """The wait that the first takeover reports."""
        takeover = first(self.events, "agent.session_takeover")
        return takeover.number("wait_duration_seconds") if takeover else None

    @property
    def queue_wait_seconds(self) -> Fraction | None:
        """From escalation to the first handling; never escalated, what the takeover says."""
        if self.escalated_at is None:
            return self.reported_wait_seconds
        return self._gap_from_escalation(self.handlings[0].started_at if self.handlings else None)

    @property
    def queue_wait_source(self) -> str | None:
        """Where the wait comes from; nothing without a wait."""
        if self.queue_wait_seconds is None:
            return None
        return "reported" if self.escalated_at is None else "measured"

    @property
    def agent_first_response_seconds(self) -> Fraction | None:
        """The first handling's start to its agent's first message in it; silent: None."""
        if not self.handlings or self.handlings[0].first_message_at is None:
            return None
        handling = self.handlings[0]
        return in_unit(self.handlings[0].first_message_at - handling.started_at, SECOND)

    @property
    def customer_first_response_seconds(self) -> Fraction | None:
        """From escalation to the first message of any agent."""
        message = first(self.events, "agent.session_message")
        return self._gap_from_escalation(message.occurred_at if message else None)

    def _gap_from_escalation(self, moment: datetime | None) -> Fraction | None:
        if moment is None or self.escalated_at is None:
            return None
        gap = moment - self.escalated_at
        if gap < -CLOCK_TOLERANCE:
            return None
        return in_unit(max(gap, timedelta()), SECOND)

    @property
    def handle_seconds(self) -> Fraction | None:
        """All closed handlings together."""
        lengths = [h.handle_seconds for h in self.handlings if h.handle_seconds is not None]
        return sum(lengths, Fraction()) if lengths else None

    @property
    def rating_score(self) -> Fraction | None:
        """The last rating that has a score."""
        scores = [e.number("score") for e in self.events if e.name == "session.rated"]
        return next((score for score in reversed(scores) if score is not None), None)

    @property
    def intent(self) -> str | None:
        """What the last session.intent says."""
        event = last(self.events, "session.intent")
        return event.text("intent") if event else None


def read_sessions(events: Iterable[Event], as_of: datetime, zone: ZoneInfo) -> list[Session]:
    """Return one row per session_id that any session, query, agent.session or api event has."""
    of_sessions = (event for event in events if event.name.startswith(SESSION_EVENTS))
    groups = grouped(of_sessions, lambda event: event.session_id)
    sessions = [read_session(key, group, as_of, zone) for key, group in groups.items()]
    mark_repeats(sessions)
    return sessions


def read_session(session_id: str, events: list[Event], as_of: datetime, zone: ZoneInfo) -> Session:
    """Read one session from its events in order."""
    start = first(events, "session.start")
    began = start or events[0]
    activities = [event for event in events if event.name in ACTIVITIES]
    last_activity_at = activities[-1].occurred_at if activities else began.occurred_at
    ended_at, end_type = read_end(events, last_activity_at, as_of, has_activity=bool(activities))
    handlings = read_handlings(events)
    if end_type != "open":
        time_out(handlings, last_activity_at)
    return Session(
        session_id=session_id,
        events=events,
        started_at=began.occurred_at,
        is_start_observed=start is not None,
        last_activity_at=last_activity_at,
        ended_at=ended_at,
        end_type=end_type,
        channel=start.text("channel") if start else None,
        site=start.text("site") if start else None,
        user_agent=start.text("user_agent") if start else None,
        customer_id=start.text("customer_id") if start else None,
        started_date=local_date(began.occurred_at, zone),
        handlings=handlings,
        transfers=read_transfers(events, handlings),
        is_mature=None if ended_at is None else as_of >= ended_at + REPEAT_WINDOW,
    )


def read_end(
    events: list[Event], last_activity_at: datetime, as_of: datetime, *, has_activity: bool
) -> tuple[datetime | None, EndType]:
    """Explicit by the last session.end unless activity goes on; else by silence; else open."""
    end = last(events, "session.end")
    if end is not None:
        goes_on = has_activity and last_activity_at > end.occurred_at + CLOCK_TOLERANCE
        if not goes_on:
            return end.occurred_at, "explicit"
    if as_of - last_activity_at >= SESSION_TIMEOUT:
        return last_activity_at, "timeout"
    return None, "open"


def mark_repeats(sessions: list[Session]) -> None:
    """Tell of each ended session with a customer whether they came again within 72 h."""
    starts = defaultdict(list)
    for session in sessions:
        starts[session.customer_id].append(session.started_at)
    for session in sessions:
        if session.customer_id is None or session.ended_at is None:
            continue
        latest = session.ended_at + REPEAT_WINDOW
        session.is_repeat_within_72h = any(
            session.started_at < again <= latest for again in starts[session.customer_id]
        )
