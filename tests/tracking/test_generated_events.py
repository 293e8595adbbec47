"""The generated module: current, complete, and strict to a type checker only."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from casebook_tracking import MemoryTracker
from casebook_tracking.checking import problem_of
from casebook_tracking.support_events import RULES, SupportEvents
from mypy import api

from raw_loaders.catalogue import read_catalogue

DISTRIBUTION = Path(__file__).parents[2] / "tracking"


def test_generated_module_is_current() -> None:
    spec = importlib.util.spec_from_file_location(
        "generate_events", DISTRIBUTION / "generate_events.py"
    )
    assert spec
    assert spec.loader
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    assert generator.MODULE.read_text() == generator.module_text()


def test_every_event_a_service_sends_has_a_method() -> None:
    events = set(read_catalogue("support").events) - {"tracker.heartbeat"}
    tracker = MemoryTracker()
    for event in events:
        getattr(tracker, event.replace(".", "_"))()
    assert {recorded.event_type for recorded in tracker.events} == events
    public = {name for name in vars(SupportEvents) if not name.startswith("_")}
    assert public == {event.replace(".", "_") for event in events}


@pytest.mark.parametrize(
    ("event", "data", "problem"),
    [
        ("session.start", {"session_id": "s", "channel": "web"}, None),
        ("session.start", {"session_id": "s", "channel": "web", "site": None}, None),
        ("session.start", {"session_id": "s"}, "needs the field channel"),
        (
            "session.start",
            {"session_id": "", "channel": "web"},
            "has a field session_id that is empty",
        ),
        (
            "session.start",
            {"session_id": 4, "channel": "web"},
            "has a field session_id that is no str",
        ),
        ("session.start", {"session_id": "s", "channel": "w", "x": 1}, "has no field x"),
        ("session.rated", {"session_id": "s", "score": 6}, "has a field score that is above 5"),
        ("session.rated", {"session_id": "s", "score": 0}, "has a field score that is below 1"),
        ("session.rated", {"session_id": "s", "score": True}, "has a field score that is no int"),
        ("session.intent", {"session_id": "s", "intent": "i", "confidence": 1}, None),
        (
            "query.order",
            {"session_id": "s", "order_number": "1", "success": 1},
            "has a field success that is no bool",
        ),
        ("api.coze_call", {"success": False}, None),
        ("nothing", {}, "is not in the catalogue"),
        (["unhashable"], {}, "is not in the catalogue"),
        ("agent.login", ["a"], "has no fields by name"),
    ],
)
def test_rule_of_the_catalogue_is_checked(event: object, data: object, problem: str | None) -> None:
    assert problem_of(event, data, RULES) == problem


WRONG = """
from casebook_tracking import Tracker

tracker = Tracker("/a", "spool")
tracker.session_start(session_id="s", channel="web", site="de")
tracker.session_start(session_id="s", chanel="web")
tracker.session_message(session_id="s", role="robot", message_length=3)
tracker.session_message(session_id="s", role="user", message_length="long")
tracker.session_start(channel="web")
Tracker("/a", "spool", queue_sise=3)
"""


def test_wrong_field_is_an_error_to_the_type_checker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "service.py"
    module.write_text(WRONG)
    monkeypatch.setenv("MYPYPATH", str(DISTRIBUTION))
    output, errors, _ = api.run(
        ["--strict", "--config-file=", f"--cache-dir={tmp_path / 'cache'}", str(module)]
    )
    assert errors == ""
    lines = [int(line.split(":")[1]) for line in output.splitlines() if ": error:" in line]
    assert sorted(set(lines)) == [6, 7, 8, 9, 10]
