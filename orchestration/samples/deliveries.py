"""How events travel: encoded, numbered, out of order, twice, late, damaged or not at all."""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import UTC, datetime, timedelta, timezone
from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec

from orchestration.samples.centres import CHATBOTS, TICKET_DESK, Event
from orchestration.samples.draws import name_of
from orchestration.samples.faults import FAULTS, Fault
from orchestration.samples.lines import Line
from orchestration.samples.rosters import HOUR_MS, MINUTE_MS
from orchestration.samples.truths import Truth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from random import Random

DUPLICATE_SHARE = 0.03
LATE_SHARE = 0.01
# Every so many events the next of the rarer faults is due, each in its turn.
FAULT_INTERVAL = 401
# A producer's events overtake each other by up to this.
JITTER_MS = 1500
LATE_MS = (HOUR_MS, 80 * HOUR_MS)
DAY_MS = 24 * HOUR_MS
# A chatbot starts anew after so many heartbeats: a week.
HEARTBEATS_PER_BOOT = 28
HEARTBEAT = "tracker.heartbeat"

_LOCAL = timezone(timedelta(hours=8))
_encode = msgspec.json.Encoder().encode
# Hours since 1970 UTC, and the lines that arrive in that one.
Arrivals = tuple[int, list[bytes]]


class Delivery:
    """Turns hours of events into hours of arriving lines, and counts them in `truth`."""

    def __init__(self, rng: Random) -> None:
        self.truth = Truth()
        self._rng = rng
        self._counters: dict[str, _Counter] = {}
        self._arriving: defaultdict[int, list[tuple[int, bytes]]] = defaultdict(list)
        self._due: deque[Fault] = deque()
        self._faults_made = 0
        self._floor = 0

    def deliver(self, hours: Iterable[list[Event]]) -> Iterator[Arrivals]:
        """Give the lines that arrive in each hour, in order; the stragglers come last."""
        for events in hours:
            for event in events:
                self._send(event)
            if not events:
                continue
            now = events[-1].at_ms // HOUR_MS
            for hour in sorted(hour for hour in self._arriving if hour < now):
                yield self._arrived(hour)
            self._floor = max(self._floor, now)
        for hour in sorted(self._arriving):
            yield self._arrived(hour)

    def arrive(self, at_ms: int, line: Line | bytes) -> None:
        """Let a line arrive at an instant."""
        data = line if isinstance(line, bytes) else _encode(line)
        # What was handed on already is not amended: skewed clocks may lie before it.
        self._arriving[max(at_ms // HOUR_MS, self._floor)].append((at_ms, data))
        self.truth.lines += 1

    def write(self, event: Event) -> Line:
        """Give the line of an event, with a new id and its producer's next number."""
        counter = self._counters.get(event.producer)
        if counter is None:
            counter = self._counters[event.producer] = _Counter(event.producer, self._rng)
        at = datetime.fromtimestamp(event.at_ms / 1000, UTC)
        line = Line(
            specversion="1.0",
            datacontenttype="application/json",
            id=name_of(self._rng),
            source=event.producer,
            type=event.name,
            time=f"{at.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z",
            data=event.data,
        )
        if counter.counts:
            counter.sent += 1
            line.sequence = f"{counter.sent:012d}"
            line.boot = counter.boot
        else:
            line.time = at.astimezone(_LOCAL).isoformat(timespec="milliseconds")
        if event.name == HEARTBEAT:
            line.data = {**event.data, "sent": counter.sent}
            counter.beat(self._rng)
        return line

    def _send(self, event: Event) -> None:
        truth, rng = self.truth, self._rng
        truth.happened += 1
        line = self.write(event)
        if truth.happened % FAULT_INTERVAL == 0:
            self._due.append(FAULTS[self._faults_made % len(FAULTS)])
            self._faults_made += 1
        at_ms = event.at_ms + int(rng.random() * JITTER_MS)
        if self._due and self._due[0].applies(event, line):
            self._due.popleft().make(self, event, line, at_ms)
            return
        truth.delivered_by_name[event.name] += 1
        chance = rng.random()
        if chance < LATE_SHARE and event.name != HEARTBEAT:
            at_ms += rng.randrange(*LATE_MS)
            truth.late += at_ms - event.at_ms > DAY_MS
        elif chance < LATE_SHARE + DUPLICATE_SHARE:
            truth.duplicates += 1
            self.arrive(at_ms + int(rng.random() * 90 * MINUTE_MS), line)
        self.arrive(at_ms, line)

    def _arrived(self, hour: int) -> Arrivals:
        arrivals = sorted(self._arriving.pop(hour), key=itemgetter(0))
        return hour, [line for _, line in arrivals]


class _Counter:
    """A producer's own numbering of what it sends."""

    def __init__(self, producer: str, rng: Random) -> None:
        self.counts = producer != TICKET_DESK
        self.sent = 0
        self._has_boots = producer in CHATBOTS
        self.boot = name_of(rng)[:12] if self._has_boots else None
        self._beats = 0

    def beat(self, rng: Random) -> None:
        """After enough heartbeats the producer starts anew, and counts from one."""
        self._beats += 1
        if self._has_boots and self._beats % HEARTBEATS_PER_BOOT == 0:
            self.boot, self.sent = name_of(rng)[:12], 0
