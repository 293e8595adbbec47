"""A vector: the events of a small story, and the cells that follow from them by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracle.events import Event

# A Monday, in the first hours of Berlin's summer time (it began on 2025-03-30 at 01:00Z).
AS_OF = datetime(2025, 3, 31, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")

Cells = dict[str, object]
# Table, then key (fct_* and support_kpis_*: as tests.oracle.rows keys them), then cells.
Expected = dict[str, dict[tuple[object, ...], Cells]]

ENTITY_KEYS = ("session_id", "agent_id", "ticket_id")
PRODUCER = "/golden"


def utc(text: str) -> datetime:
    """Read a time of UTC: `2025-03-25 10:00:00.000001`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def before_as_of(**length: float) -> datetime:
    """Return the instant this long before as_of."""
    return AS_OF - timedelta(**length)


@dataclass
class Vector:
    """One hand-worked case; `rule` names it and its ids, `why` holds the arithmetic."""

    rule: str
    why: str
    events: list[Event] = field(default_factory=list)
    expected: Expected = field(default_factory=dict)

    def on(self, moment: str | datetime, name: str, **data: object) -> Vector:
        """Add an event; its session, agent and ticket are this vector's unless given.

        A text moment is UTC. `boot`, `sequence`, `producer` and `event_id` go to the envelope.
        """
        at = utc(moment) if isinstance(moment, str) else moment
        keys = {key: self._key(key, name, data) for key in ENTITY_KEYS}
        envelope = {k: data.pop(k) for k in ("boot", "sequence") if k in data}
        producer = str(data.pop("producer", PRODUCER))
        event_id = str(data.pop("event_id", f"{self.rule}-{len(self.events):03}"))
        self.events.append(
            Event(at, name, producer, event_id, **keys, **envelope, data=data)  # type: ignore[arg-type]
        )
        return self

    def _key(self, key: str, name: str, data: dict[str, object]) -> str | None:
        if key in data:
            given = data.pop(key)
            return None if given is None else f"{self.rule}-{given}"
        needed = {
            "session_id": name.startswith(("session.", "query.", "agent.session_", "api.")),
            "agent_id": name.startswith("agent."),
            "ticket_id": name.startswith("ticket."),
        }
        return f"{self.rule}-{key[0]}" if needed[key] else None

    def gives(self, table: str, *key: object, **cells: object) -> Vector:
        """Expect these cells in the row of `table` with this key (ids without the rule)."""
        full = tuple(f"{self.rule}-{part}" if isinstance(part, str) else part for part in key)
        self.expected.setdefault(table, {}).setdefault(full, {}).update(cells)
        return self

    def session(self, **cells: object) -> Vector:
        """Expect cells of this vector's session."""
        return self.gives("fct_sessions", "s", **cells)

    def handling(self, number: int, **cells: object) -> Vector:
        """Expect cells of a handling of this vector's session."""
        return self.gives("fct_session_handlings", "s", number, **cells)

    def shift(self, number: int, **cells: object) -> Vector:
        """Expect cells of a shift of this vector's agent."""
        return self.gives("fct_agent_shifts", "a", number, **cells)

    def ticket(self, **cells: object) -> Vector:
        """Expect cells of this vector's ticket."""
        return self.gives("fct_tickets", "t", **cells)

    def query(self, number: int, **cells: object) -> Vector:
        """Expect cells of the query that is this vector's n-th event, from 0."""
        key = (self.events[number].producer, self.events[number].event_id)
        self.expected.setdefault("fct_queries", {})[key] = cells
        return self
