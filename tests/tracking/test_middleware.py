"""The middlewares, on plain ASGI and WSGI callables."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from casebook_tracking import MemoryTracker
from casebook_tracking.middleware import asgi, wsgi
from casebook_tracking.middleware.requests import endpoint_of

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        ("/", "GET /"),
        ("/orders/4711/items", "GET /orders/{id}/items"),
        ("/s/ee868652-edee-424d-ae1f-00bb923cfc42", "GET /s/{id}"),
        ("/s/deadbeefdeadbeefdead", "GET /s/{id}"),
        ("/t/LX998877665CN", "GET /t/{id}"),
        ("/api/v2/conversations", "GET /api/v2/conversations"),
    ],
)
def test_endpoint_names_no_person(path: str, endpoint: str) -> None:
    assert endpoint_of("GET", path) == endpoint


async def no_receive() -> asgi.Message:
    return {"type": "http.request"}


async def ask(app: asgi.ASGIApp, scope: asgi.Scope) -> list[asgi.Message]:
    sent: list[asgi.Message] = []

    async def send(message: asgi.Message) -> None:
        sent.append(message)

    await app(scope, no_receive, send)
    return sent


def http_scope(path: str, **more: Any) -> asgi.Scope:
    return {"type": "http", "method": "GET", "path": path, **more}


async def answer(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
    if scope["path"].startswith("/boom"):
        raise RuntimeError("broken")
    status = 503 if scope["path"].startswith("/busy") else 404
    await send({"type": "http.response.start", "status": status})
    await send({"type": "http.response.body", "body": b""})


def test_asgi_tracks_server_errors_only() -> None:
    tracker = MemoryTracker()
    app = asgi.TrackingMiddleware(answer, tracker, session_id=lambda scope: scope.get("session"))
    assert len(asyncio.run(ask(app, http_scope("/missing")))) == 2
    assert tracker.events == []
    asyncio.run(ask(app, http_scope("/busy/123456", session="s")))
    with pytest.raises(RuntimeError):
        asyncio.run(ask(app, http_scope("/boom", route=SimpleNamespace(path="/{kind}"))))
    assert tracker.of_type("api.error") == [
        {"session_id": "s", "endpoint": "GET /busy/{id}", "error_type": "http_503"},
        {
            "session_id": None,
            "endpoint": "GET /{kind}",
            "error_type": "RuntimeError",
            "error_message": "broken",
        },
    ]


class ClosingTracker(MemoryTracker):
    """Says that it was closed."""

    is_closed = False

    def close(self, timeout: float | None = None) -> bool:
        """Remember it."""
        self.is_closed = True
        return True


async def lifespan_app(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
    await send({"type": f"{scope['type']}.startup.complete"})
    await send({"type": f"{scope['type']}.shutdown.complete"})


@pytest.mark.parametrize(("kind", "is_closed"), [("lifespan", True), ("websocket", False)])
def test_asgi_closes_the_tracker_when_the_server_shuts_down(kind: str, is_closed: bool) -> None:
    tracker = ClosingTracker()
    app = asgi.TrackingMiddleware(lifespan_app, tracker)
    assert len(asyncio.run(ask(app, {"type": kind}))) == 2
    assert tracker.is_closed is is_closed


def wsgi_app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/boom":
        raise RuntimeError("broken")
    start_response("502 Bad Gateway" if path == "/busy" else "200 OK", [])
    return stream(path)


def stream(path: str) -> Iterable[bytes]:
    yield b"first"
    if path == "/half":
        raise OSError("gone")
    yield b"second"


def get(tracker: MemoryTracker, path: str) -> bytes:
    app = wsgi.TrackingMiddleware(wsgi_app, tracker, session_id=lambda _: "s")
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path}

    def start_response(status: str, headers: object, exc_info: object = None) -> Any:
        return lambda _: None

    body = app(environ, start_response)
    try:
        return b"".join(body)
    finally:
        body.close()  # type: ignore[attr-defined]


def test_wsgi_tracks_server_errors_only() -> None:
    tracker = MemoryTracker()
    assert get(tracker, "/fine") == b"firstsecond"
    assert tracker.events == []
    assert get(tracker, "/busy") == b"firstsecond"
    with pytest.raises(RuntimeError):
        get(tracker, "/boom")
    with pytest.raises(OSError, match="gone"):
        get(tracker, "/half")
    errors = [event.data for event in tracker.events if isinstance(event.data, dict)]
    assert [(error["endpoint"], error["error_type"]) for error in errors] == [
        ("GET /busy", "http_502"),
        ("GET /boom", "RuntimeError"),
        ("GET /half", "OSError"),
    ]


def fail_as_flask_does(
    environ: WSGIEnvironment, start_response: StartResponse, tracker: MemoryTracker
) -> Iterable[bytes]:
    """Turn the exception into an answer before the middleware sees it."""
    with suppress(ValueError), tracker.coze_call("s", "w"):
        raise ValueError("bad")
    start_response("500 Internal Server Error", [])
    return [b""]


def answer_nothing(status: str, headers: object, exc_info: object = None) -> Any:
    return lambda _: None


def test_exception_that_became_an_answer_is_one_error() -> None:
    """It was two, ValueError and http_500, in every Flask service."""
    tracker = MemoryTracker()
    app = wsgi.TrackingMiddleware(
        lambda environ, start: fail_as_flask_does(environ, start, tracker), tracker
    )
    for _ in range(2):
        list(app({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, answer_nothing))
    assert [event.event_type for event in tracker.events] == ["api.coze_call", "api.error"] * 2


def test_exception_of_a_call_is_one_error_however_many_layers_it_passes() -> None:
    tracker = MemoryTracker()

    async def failing(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        with tracker.coze_call("s", "outer"), tracker.coze_call("s", "inner"):
            raise ValueError("bad")

    def stream_failing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        with tracker.coze_call("s", "inner"):
            yield b"first"
            raise ValueError("bad")

    with pytest.raises(ValueError, match="bad"):
        asyncio.run(ask(asgi.TrackingMiddleware(failing, tracker), http_scope("/")))
    body = wsgi.TrackingMiddleware(stream_failing, tracker)(
        {"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, answer_nothing
    )
    with pytest.raises(ValueError, match="bad"):
        list(body)
    errors = [event.data for event in tracker.events if event.event_type == "api.error"]
    assert [error["endpoint"] for error in errors if isinstance(error, dict)] == ["inner"] * 2


def no_session(request: object) -> str | None:
    raise KeyError("no such header")


def test_session_id_that_fails_costs_the_session_only(caplog: pytest.LogCaptureFixture) -> None:
    """It replaced the service's exception, and broke an answer of 500."""
    tracker = MemoryTracker()
    asgi_app = asgi.TrackingMiddleware(answer, tracker, session_id=no_session)
    assert len(asyncio.run(ask(asgi_app, http_scope("/busy")))) == 2
    with pytest.raises(RuntimeError, match="broken"):
        asyncio.run(ask(asgi_app, http_scope("/boom")))
    app = wsgi.TrackingMiddleware(wsgi_app, tracker, session_id=no_session)
    assert list(app({"REQUEST_METHOD": "GET", "PATH_INFO": "/busy"}, answer_nothing))
    with pytest.raises(RuntimeError, match="broken"):
        app({"REQUEST_METHOD": "GET", "PATH_INFO": "/boom"}, answer_nothing)
    sessions = [event.data["session_id"] for event in tracker.events]  # type: ignore[index]
    assert sessions == [None] * 4
    assert "session_id failed" in caplog.text
