"""Timing an AI call."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

# Set on an exception that has its api.error, so that a middleware does not add a second.
TRACKED_MARK = "_casebook_tracked"


class EventSink(Protocol):
    """Something with `track`."""

    def track(
        self, event_type: str, data: Mapping[str, object] | None = None, /, **fields: object
    ) -> None:
        """Record an event."""


class CozeCall:
    """A `with` block around one AI call, around `await` too: tracks `api.coze_call` at its end.

    Set `input_tokens`, `output_tokens` and `success` inside when the answer tells them.
    An exception makes it a failure, adds an `api.error`, and goes on to the caller.
    """

    def __init__(self, tracker: EventSink, session_id: str | None, workflow_id: str | None) -> None:
        self._tracker = tracker
        self._session_id = session_id
        self._workflow_id = workflow_id
        self._started = 0.0
        self.success = True
        self.input_tokens: int | None = None
        self.output_tokens: int | None = None

    def __enter__(self) -> CozeCall:
        self._started = time.perf_counter()
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        elapsed_ms = round((time.perf_counter() - self._started) * 1000)
        self._tracker.track(
            "api.coze_call",
            session_id=self._session_id,
            workflow_id=self._workflow_id,
            response_time_ms=elapsed_ms,
            success=self.success and error is None,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
        )
        if isinstance(error, Exception):  # a cancellation is no error of the platform
            track_error(self._tracker, error, self._session_id, self._workflow_id)


def track_error(
    tracker: EventSink, error: BaseException, session_id: str | None, endpoint: str | None
) -> None:
    """Track `api.error` for an exception, once however many layers report it."""
    if getattr(error, TRACKED_MARK, False):
        return
    tracker.track(
        "api.error",
        session_id=session_id,
        endpoint=endpoint,
        error_type=type(error).__name__,
        error_message=message_of(error),
    )
    try:
        setattr(error, TRACKED_MARK, True)
    except AttributeError:  # a class with slots takes no mark
        return


def message_of(error: BaseException) -> str | None:
    """Return the exception's text, or None when it has none or fails to give it."""
    try:
        return str(error) or None
    except Exception:  # noqa: BLE001 - foreign code: an event never raises into its caller
        return None
