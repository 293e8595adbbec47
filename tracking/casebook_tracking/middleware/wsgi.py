"""WSGI middleware: `app.wsgi_app = TrackingMiddleware(app.wsgi_app, tracker)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casebook_tracking.error_layers import ErrorLayer
from casebook_tracking.middleware.requests import endpoint_of, session_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType
    from typing import Any

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from casebook_tracking.base import BaseTracker

    ExcInfo = tuple[type[BaseException], BaseException, TracebackType]

SERVER_ERROR = "5"


class TrackingMiddleware:
    """Tracks `api.error` for exceptions and answers of 500 and above.

    Frameworks such as Flask turn exceptions into a 500 before they get here: then the
    error type is `http_500`, unless an error of the request was tracked already.
    `session_id` finds the session in a request's environment.
    """

    def __init__(
        self,
        app: WSGIApplication,
        tracker: BaseTracker,
        session_id: Callable[[WSGIEnvironment], str | None] | None = None,
    ) -> None:
        self._app = app
        self._tracker = tracker
        self._session_id = session_id

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Handle one request."""
        layer = ErrorLayer(self._tracker)

        def start_and_see(
            status: str, headers: list[tuple[str, str]], *exc_info: Any
        ) -> Callable[[bytes], object]:
            if status.startswith(SERVER_ERROR) and not layer.has_seen_error:
                self._tracker.track(
                    "api.error",
                    session_id=session_of(self._session_id, environ),
                    endpoint=_endpoint(environ),
                    error_type=f"http_{status[:3]}",
                )
            return start_response(status, headers, *exc_info)

        def track(error: Exception) -> None:
            session = session_of(self._session_id, environ)
            layer.track_error(error, session, _endpoint(environ))

        with layer:
            try:
                body = self._app(environ, start_and_see)
            except Exception as error:
                track(error)
                raise
        return _Body(body, layer, track)


class _Body:
    """A response body that reports an exception raised while it is sent."""

    def __init__(
        self, body: Iterable[bytes], layer: ErrorLayer, track: Callable[[Exception], None]
    ) -> None:
        self._body = body
        self._layer = layer
        self._track = track

    def __iter__(self) -> Iterator[bytes]:
        with self._layer:
            try:
                yield from self._body
            except Exception as error:
                self._track(error)
                raise

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close is not None:
            close()


def _endpoint(environ: WSGIEnvironment) -> str:
    return endpoint_of(environ.get("REQUEST_METHOD", ""), environ.get("PATH_INFO", ""))
