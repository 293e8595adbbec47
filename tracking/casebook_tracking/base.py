"""What every tracker offers, whatever it does with the events."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from casebook_tracking.calls import CozeCall
from casebook_tracking.support_events import SupportEvents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casebook_tracking.counters import Counters


class BaseTracker(SupportEvents):
    """`track`, one typed method per support event, `coze_call`, `flush`, `close`."""

    def track(
        self, event_type: str, data: Mapping[str, object] | None = None, /, **fields: object
    ) -> None:
        """Record an event that happens now. Never blocks, never raises.

        The fields are given by name, or as one mapping, or both (a name wins). They are
        encoded later in another thread: pass values that do not change.
        """
        self._record(event_type, fields if data is None else self._merged(data, fields))

    def coze_call(self, session_id: str | None = None, workflow_id: str | None = None) -> CozeCall:
        """Time an AI call: `with tracker.coze_call(session_id=...) as call: ...`."""
        return CozeCall(self, session_id, workflow_id)

    @abstractmethod
    def flush(self, timeout: float = 2.0) -> bool:
        """Wait until all events so far can be read by others; False after `timeout` seconds."""

    @abstractmethod
    def close(self, timeout: float = 2.0) -> bool:
        """Flush and end. Later events are dropped and counted."""

    @property
    @abstractmethod
    def counters(self) -> Counters:
        """What became of the events of this process."""

    def _merged(self, data: object, fields: Mapping[str, object]) -> object:
        """Both together; the data as they are, when they are no mapping."""
        try:
            return {**data, **fields}  # type: ignore[dict-item]
        except Exception:  # noqa: BLE001 - foreign code: an event never raises into its caller
            return data
