"""WSGI middleware: `app.wsgi_app = TrackingMiddleware(app.wsgi_app, tracker)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casebook_tracking.calls import track_error
from casebook_tracking.middleware.endpoints import endpoint_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType
    from typing import Any
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from casebook_tracking.base import BaseTracker

    ExcInfo = tuple[type[BaseException], BaseException, TracebackType]

SERVER_ERROR = "5"


class TrackingMiddleware:
    """Tracks `api.error` for exceptions and answers of 500 and above.

    Frameworks such as Flask turn exceptions into a 500 before they get here: then the
    error type is `http_500`. `session_id` finds the session in a request's environment.
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

        def start_and_see(
            status: str, headers: list[tuple[str, str]], *exc_info: Any
        ) -> Callable[[bytes], object]:
            if status.startswith(SERVER_ERROR):
                self._tracker.track(
                    "api.error",
                    session_id=self._session_of(environ),
                    endpoint=_endpoint(environ),
                    error_type=f"http_{status[:3]}",
                )
            return start_response(status, headers, *exc_info)

        try:
            body = self._app(environ, start_and_see)
        except Exception as error:
            self._track(error, environ)
            raise
        return _Body(body, lambda error: self._track(error, environ))

    def _track(self, error: BaseException, environ: WSGIEnvironment) -> None:
        track_error(self._tracker, error, self._session_of(environ), _endpoint(environ))

    def _session_of(self, environ: WSGIEnvironment) -> str | None:
        return None if self._session_id is None else self._session_id(environ)


class _Body:
    """A response body that reports an exception raised while it is sent."""

    def __init__(self, body: Iterable[bytes], track: Callable[[BaseException], None]) -> None:
        self._body = body
        self._track = track

    def __iter__(self) -> Iterator[bytes]:
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
