"""What happens in the centre, hour by hour, in the order of the producers' clocks."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from operator import attrgetter
from random import Random
from typing import TYPE_CHECKING

from orchestration.samples.centres import (
    CHATBOTS,
    HOUR_WEIGHTS,
    WEEKDAY_WEIGHTS,
    WORKBENCH,
    Centre,
    Event,
)
from orchestration.samples.draws import count
from orchestration.samples.rosters import HOUR_MS, Roster
from orchestration.samples.sessions import Session
from orchestration.samples.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

REPEAT_SHARE = 0.1
TICKET_SHARE_HUMAN, TICKET_SHARE_AI = 0.25, 0.01
MANUAL_TICKETS_PER_SESSION = 0.02
# A client that counts its events says so as often as this, and when it stops.
HEARTBEAT_HOURS = 6
COUNTING_PRODUCERS = (*CHATBOTS, WORKBENCH)


def unfold_hours(centre: Centre) -> Iterator[list[Event]]:
    """Give the events of each hour, in time order; nothing after the centre's last day.

    Holds one hour and what it set off for later (tickets live for days), not the whole.
    """
    rng = Random(centre.seed)  # noqa: S311
    roster = Roster(centre)
    first_day = centre.end - timedelta(days=centre.days - 1)
    start_ms, end_ms = (
        _midnight_ms(first_day, centre),
        _midnight_ms(centre.end + timedelta(days=1), centre),
    )
    pending: defaultdict[int, list[Event]] = defaultdict(list)
    customers = _Customers(rng, centre)
    planned = first_day
    for hour in range(start_ms // HOUR_MS, -(-end_ms // HOUR_MS)):
        local = datetime.fromtimestamp(hour * HOUR_MS / 1000, UTC).astimezone(centre.zone)
        events: list[Event] = []
        while planned <= local.date() + timedelta(days=1):
            events += roster.plan(planned, rng)
            planned += timedelta(days=1)
        expected = (
            centre.sessions_per_day
            * WEEKDAY_WEIGHTS[local.weekday()]
            * HOUR_WEIGHTS[local.hour]
            / sum(HOUR_WEIGHTS)
        )
        for _ in range(count(rng, expected)):
            events += _contact(rng, hour, roster, customers)
        for _ in range(count(rng, expected * MANUAL_TICKETS_PER_SESSION)):
            at_ms = _instant(rng, hour)
            events += Ticket(rng, at_ms, roster.on_duty(at_ms, rng), None).unfold().events
        if hour % HEARTBEAT_HOURS == 0:
            events += _heartbeats(hour * HOUR_MS)
        for event in events:
            pending[max(hour, event.at_ms // HOUR_MS)].append(event)
        due = [event for event in pending.pop(hour, []) if start_ms <= event.at_ms < end_ms]
        due.sort(key=attrgetter("at_ms"))
        yield due
    yield _heartbeats(end_ms - 1)


def _contact(rng: Random, hour: int, roster: Roster, customers: _Customers) -> list[Event]:
    """One session, and the ticket that may come of it."""
    at_ms = _instant(rng, hour)
    producer = CHATBOTS[rng.random() < 0.4]
    session = Session(rng, at_ms, producer, customers.draw()).unfold(roster)
    is_human = session.last_agent_id is not None
    if rng.random() >= (TICKET_SHARE_HUMAN if is_human else TICKET_SHARE_AI):
        return session.events
    ticket_ms = session.events[-1].at_ms
    ticket = Ticket(rng, ticket_ms, session.last_agent_id, session.session_id)
    return session.events + ticket.unfold().events


class _Customers:
    """Who writes: mostly anybody, at times somebody who just wrote."""

    def __init__(self, rng: Random, centre: Centre) -> None:
        self._rng = rng
        self._count = max(50, round(centre.sessions_per_day * 40))
        self._recent = [0] * max(8, round(centre.sessions_per_day))
        self._next = 0

    def draw(self) -> str:
        draw = self._rng.random
        if draw() < REPEAT_SHARE:
            number = self._recent[int(draw() * len(self._recent))]
        else:
            number = int(draw() * self._count)
        self._recent[self._next % len(self._recent)] = number
        self._next += 1
        return f"c{number:06d}"


def _instant(rng: Random, hour: int) -> int:
    return hour * HOUR_MS + int(rng.random() * HOUR_MS)


def _midnight_ms(day: date, centre: Centre) -> int:
    return round(datetime.combine(day, time(), centre.zone).timestamp() * 1000)


def _heartbeats(at_ms: int) -> list[Event]:
    counters: dict[str, object] = {"sent": 0, "spooled": 0, "dropped": 0, "errors": 0}
    return [
        Event(at_ms, producer, "tracker.heartbeat", counters) for producer in COUNTING_PRODUCERS
    ]
