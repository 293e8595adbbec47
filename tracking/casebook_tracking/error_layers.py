"""Which exceptions were reported already, while they pass the layers of a service."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class EventSink(Protocol):
    """Something with `track`."""

    def track(
        self, event_type: str, data: Mapping[str, object] | None = None, /, **fields: object
    ) -> None:
        """Record an event."""


class ErrorLayer:
    """A layer of a service, a `with` block, that tracks the exceptions which pass it.

    Layers lie within each other, an AI call within a request: the innermost tracks an
    exception and tells the one around it. Nothing is kept on the exception: a service may raise
    the same object again, and that is another error.
    """

    def __init__(self, tracker: EventSink) -> None:
        self._tracker = tracker
        self._outer: ErrorLayer | None = None
        self._seen: BaseException | None = None

    def __enter__(self) -> ErrorLayer:
        self._outer = _innermost.get()
        _innermost.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _innermost.set(self._outer)

    @property
    def has_seen_error(self) -> bool:
        """Whether an error of this layer, or of one within it, was tracked."""
        return self._seen is not None

    def track_error(
        self, error: BaseException, session_id: str | None, endpoint: str | None
    ) -> None:
        """Track `api.error` for an exception that leaves this layer, unless one within it did."""
        if error is not self._seen:
            self._tracker.track(
                "api.error",
                session_id=session_id,
                endpoint=endpoint,
                error_type=type(error).__name__,
                error_message=_message_of(error),
            )
        self._seen = error
        if self._outer is not None:
            self._outer._seen = error


_innermost: ContextVar[ErrorLayer | None] = ContextVar("casebook_tracking_layer", default=None)


def _message_of(error: BaseException) -> str | None:
    """Return the exception's text, or None when it has none or fails to give it."""
    try:
        return str(error) or None
    except Exception:  # noqa: BLE001 - foreign code: an event never raises into its caller
        return None
