"""ASGI middleware: `app.add_middleware(TrackingMiddleware, tracker=tracker)`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from casebook_tracking.error_layers import ErrorLayer
from casebook_tracking.middleware.requests import endpoint_of, session_of

if TYPE_CHECKING:
    from casebook_tracking.base import BaseTracker

# As the ASGI specification types them.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

SERVER_ERROR = 500


class TrackingMiddleware:
    """Tracks `api.error` for exceptions and answers of 500 and above; closes at shutdown.

    An answer is tracked when no error of its request was: it tells of the same failure.

    uvicorn ends on SIGTERM without running exit handlers; its lifespan shutdown is the
    moment to flush, and this middleware uses it. `session_id` finds the session in a
    request's scope.
    """

    def __init__(
        self,
        app: ASGIApp,
        tracker: BaseTracker,
        session_id: Callable[[Scope], str | None] | None = None,
    ) -> None:
        self._app = app
        self._tracker = tracker
        self._session_id = session_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or the server's lifespan."""
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        status = 0

        async def send_and_see(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with ErrorLayer(self._tracker) as layer:
            try:
                await self._app(scope, receive, send_and_see)
            except Exception as error:
                session = session_of(self._session_id, scope)
                layer.track_error(error, session, _endpoint(scope))
                raise
        if status >= SERVER_ERROR and not layer.has_seen_error:
            self._tracker.track(
                "api.error",
                session_id=session_of(self._session_id, scope),
                endpoint=_endpoint(scope),
                error_type=f"http_{status}",
            )

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_close(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown."):
                await asyncio.get_running_loop().run_in_executor(None, self._tracker.close)
            await send(message)

        await self._app(scope, receive, send_and_close)


def _endpoint(scope: Scope) -> str:
    """Return the route's template where FastAPI tells it, else the path without ids."""
    template = getattr(scope.get("route"), "path", None)
    if isinstance(template, str):
        return f"{scope['method']} {template}"
    return endpoint_of(scope["method"], scope["path"])
