"""Who works when: the agents' shifts and what they report of them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from orchestration.samples.centres import BREAKS, WORKBENCH, Centre, Event
from orchestration.samples.draws import Choice, spread

if TYPE_CHECKING:
    from random import Random

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
# Local start hours of the early, the late and the night shift; all last 8.5 hours.
SHIFT_STARTS = (8, 13, 21)
SHIFT_MS = round(8.5 * HOUR_MS)
WORKING_DAYS_OF_WEEK = 5
_BREAK: Choice[str] = Choice(BREAKS)


class Shift(NamedTuple):
    """One agent's working time on one day."""

    start_ms: int
    end_ms: int
    agent_id: str


class Roster:
    """The shifts of the days planned so far; days are planned in order, one ahead."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._shifts: list[Shift] = []
        self._by_hour: dict[int, list[Shift]] = {}

    def plan(self, day: date, rng: Random) -> list[Event]:
        """Plan a local day; give what its shifts report. Forgets what ended two days before."""
        midnight = datetime.combine(day, time(), self._centre.zone)
        midnight_ms = round(midnight.timestamp() * 1000)
        oldest_ms = midnight_ms - round(timedelta(days=2).total_seconds() * 1000)
        self._shifts = [shift for shift in self._shifts if shift.end_ms > oldest_ms]
        self._by_hour.clear()
        events: list[Event] = []
        for number in range(self._centre.agent_count):
            if (number + day.toordinal()) % 7 >= WORKING_DAYS_OF_WEEK:
                continue
            start_hour = SHIFT_STARTS[2 if number % 6 == 5 else number % 2]
            start_ms = midnight_ms + start_hour * HOUR_MS + rng.randrange(-12, 6) * MINUTE_MS
            shift = Shift(start_ms, start_ms + SHIFT_MS, f"agent-{number:03d}")
            if rng.random() < 0.02:
                # All but the logout went missing, and nobody was served.
                events.append(_logout(rng, shift))
                continue
            self._shifts.append(shift)
            events += _shift_events(rng, shift, sends_heartbeats=number % 3 == 0)
        return events

    def on_duty(self, at_ms: int, rng: Random) -> str | None:
        """Give some agent at work at that instant, or None at a time without any."""
        hour = at_ms // HOUR_MS
        shifts = self._by_hour.get(hour)
        if shifts is None:
            start, end = hour * HOUR_MS, (hour + 1) * HOUR_MS
            shifts = [s for s in self._shifts if s.start_ms < end and s.end_ms > start]
            self._by_hour[hour] = shifts
        if not shifts:
            return None
        shift = shifts[int(rng.random() * len(shifts))]
        return shift.agent_id if shift.start_ms + MINUTE_MS <= at_ms < shift.end_ms else None


def _shift_events(rng: Random, shift: Shift, *, sends_heartbeats: bool) -> list[Event]:
    agent: dict[str, object] = {"agent_id": shift.agent_id}
    name = (
        f"坐席 {shift.agent_id[-3:]}"
        if shift.agent_id[-1] in "13579"
        else f"Agent {shift.agent_id[-3:]}"
    )
    events: list[Event] = []
    if rng.random() >= 0.03:
        events.append(
            Event(shift.start_ms, WORKBENCH, "agent.login", {**agent, "agent_name": name})
        )
    at_ms, status = shift.start_ms, "online"
    while (at_ms := at_ms + round(spread(rng, 55) * MINUTE_MS)) < shift.end_ms:
        away = _BREAK.draw(rng)
        change = {**agent, "from_status": status, "to_status": away}
        events.append(Event(at_ms, WORKBENCH, "agent.status_change", change))
        at_ms += round(spread(rng, 30 if away == "lunch" else 9) * MINUTE_MS)
        status = "online"
        if at_ms >= shift.end_ms:
            break
        back = {**agent, "from_status": away, "to_status": status}
        events.append(Event(at_ms, WORKBENCH, "agent.status_change", back))
    if sends_heartbeats:
        events += [
            Event(beat_ms, WORKBENCH, "agent.heartbeat", agent)
            for beat_ms in range(shift.start_ms, shift.end_ms, 30 * MINUTE_MS)
        ]
    if rng.random() >= 0.08:
        events.append(_logout(rng, shift))
    return events


def _logout(rng: Random, shift: Shift) -> Event:
    overtime_ms = round(spread(rng, 4) * MINUTE_MS)
    data: dict[str, object] = {
        "agent_id": shift.agent_id,
        "work_duration_minutes": round((SHIFT_MS + overtime_ms) / MINUTE_MS),
        "sessions_handled": rng.randrange(4, 30),
    }
    return Event(shift.end_ms + overtime_ms, WORKBENCH, "agent.logout", data)
