"""Timing an AI call."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from casebook_tracking.error_layers import ErrorLayer, EventSink

if TYPE_CHECKING:
    from types import TracebackType


class CozeCall:
    """A `with` block around one AI call, around `await` too: tracks `api.coze_call` at its end.

    Set `input_tokens`, `output_tokens` and `success` inside when the answer tells them.
    An exception makes it a failure, adds an `api.error`, and goes on to the caller.
    """

    def __init__(self, tracker: EventSink, session_id: str | None, workflow_id: str | None) -> None:
        self._tracker = tracker
        self._layer = ErrorLayer(tracker)
        self._session_id = session_id
        self._workflow_id = workflow_id
        self._started = 0.0
        self.success = True
        self.input_tokens: int | None = None
        self.output_tokens: int | None = None

    def __enter__(self) -> CozeCall:
        self._layer.__enter__()
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
            self._layer.track_error(error, self._session_id, self._workflow_id)
        self._layer.__exit__()
