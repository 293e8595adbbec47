"""The client runs where services run: on Python 3.9, by that Python's own word.

Syntax and imports are tried by importing each module, names of the standard library by asking for
them, methods and arguments by running it: here what a service uses in its own process, and in
`test_processes` whole services. Newer builtins are ruff's to find: tracking/pyproject.toml says
py39.
"""

from __future__ import annotations

from pathlib import Path

from tests.tracking.conftest import oldest_python, run_child, sealed_events, without_heartbeats

NAMES = """
    import ast, importlib, pkgutil, types
    import casebook_tracking

    def missing(module):
        with open(module.__file__) as file:
            tree = ast.parse(file.read())
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                owner = vars(module).get(node.value.id)
                if isinstance(owner, (types.ModuleType, type)) and not hasattr(owner, node.attr):
                    yield f"{module.__name__}:{node.lineno} {node.value.id}.{node.attr}"

    found = pkgutil.walk_packages(casebook_tracking.__path__, "casebook_tracking.")
    for module in [importlib.import_module(each.name) for each in found]:
        print(module.__name__, *missing(module))
"""


def test_every_name_is_known_to_the_oldest_python() -> None:
    child = run_child(NAMES, python=oldest_python())
    assert child.returncode == 0, child.stderr
    lines = child.stdout.splitlines()
    assert len(lines) > 20
    assert [line for line in lines if " " in line] == []


TOUR = """
    import asyncio, os, sys
    from casebook_tracking import MemoryTracker, NoopTracker, configure, get_tracker
    from casebook_tracking.middleware import asgi, wsgi

    async def fail(scope, receive, send):
        await send({"type": scope["type"] + ".shutdown.complete"})
        if scope["type"] == "http":
            raise ValueError(1)

    def answer(environ, start_response):
        start_response("500 Internal Server Error", [])
        yield b""

    async def serve(tracker):
        app = asgi.TrackingMiddleware(fail, tracker)
        async def send(message):
            pass
        try:
            await app({"type": "http", "method": "GET", "path": "/a/4711"}, None, send)
        except ValueError:
            pass
        with tracker.coze_call("s", "w") as call:
            await asyncio.sleep(0)
            call.output_tokens = 1

    os.environ["CASEBOOK_TRACKING_SOURCE"] = "/a"
    os.environ["CASEBOOK_TRACKING_SPOOL"] = sys.argv[1]
    os.environ["CASEBOOK_TRACKING_HEARTBEAT_SECONDS"] = "0"
    for tracker in MemoryTracker(), NoopTracker(), get_tracker():
        asyncio.run(serve(tracker))
        app = wsgi.TrackingMiddleware(answer, tracker)
        list(app({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, lambda *_: None))
        tracker.track("agent.login", {"agent_id": "a"}, agent_name=float("nan"))
        tracker.session_message(session_id="s", role={1, "a"}, message_length=-1)
        tracker.agent_login(agent_id="a" * (2 << 20))
        tracker.track("loop", deep=[[object()]])
        assert tracker.flush(), tracker.counters
    assert tracker.counters[2:] == (1, 3, 0), tracker.counters
    asyncio.run(asgi.TrackingMiddleware(fail, tracker)({"type": "lifespan"}, None, print_nothing))
""".replace("print_nothing", "lambda message: asyncio.sleep(0)")


def test_a_service_runs_on_the_oldest_python(spool: Path) -> None:
    child = run_child(TOUR, spool, python=oldest_python())
    assert child.returncode == 0, child.stderr
    types = [event["type"] for event in without_heartbeats(sealed_events(spool))]
    assert types == [
        *("api.error", "api.coze_call", "api.error", "agent.login", "session.message", "loop")
    ]
