"""Configuration from the environment, and the trackers that write nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from casebook_tracking import (
    MemoryTracker,
    NoopTracker,
    Tracker,
    TrackingConfigurationError,
    configuration,
    configure,
    get_tracker,
)

from tests.tracking.conftest import sealed_events


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(configuration, "_process", configuration._Process())
    yield
    get_tracker().close()


def test_environment_configures_the_tracker_of_the_process(
    spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CASEBOOK_TRACKING_SOURCE", "/bot")
    monkeypatch.setenv("CASEBOOK_TRACKING_SPOOL", str(spool))
    monkeypatch.setenv("CASEBOOK_TRACKING_QUEUE_SIZE", "10")
    tracker = get_tracker()
    assert tracker is get_tracker()
    assert isinstance(tracker, Tracker)
    assert tracker.settings.queue_size == 10
    tracker.track("agent.login", agent_id="a")
    assert tracker.close()
    assert sealed_events(spool)[0]["source"] == "/bot"


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({}, "CASEBOOK_TRACKING_SOURCE"),
        ({"CASEBOOK_TRACKING_SOURCE": "/a"}, "spool"),
        ({"CASEBOOK_TRACKING_SPOL": "/a"}, "CASEBOOK_TRACKING_SPOL"),
        (
            {"CASEBOOK_TRACKING_SOURCE": "/a", "CASEBOOK_TRACKING_SEAL_SECONDS": "soon"},
            "CASEBOOK_TRACKING_SEAL_SECONDS",
        ),
    ],
)
def test_wrong_variable_is_named(environ: dict[str, str], named: str) -> None:
    with pytest.raises(TrackingConfigurationError, match=named):
        configure(environ)


def test_without_configuration_nothing_is_tracked_and_the_log_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("CASEBOOK_TRACKING_SOURCE", raising=False)
    tracker = get_tracker()
    tracker.track("agent.login", agent_id="a")
    assert isinstance(tracker, NoopTracker)
    assert "CASEBOOK_TRACKING_SOURCE" in caplog.text


@pytest.mark.parametrize(
    "wrong", [{"REDIS_URL": "foo://x"}, {"SPOOL": "~no-such-user/x"}, {"EXIT_SECONDS": "nan"}]
)
def test_wrong_configuration_tracks_nothing_and_raises_nothing(
    wrong: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name, value in {"SOURCE": "/a", "SPOOL": str(tmp_path), **wrong}.items():
        monkeypatch.setenv(f"CASEBOOK_TRACKING_{name}", value)
    assert isinstance(get_tracker(), NoopTracker)
    assert "nothing is tracked" in caplog.text


def test_tracking_can_be_switched_off() -> None:
    tracker = configure({"CASEBOOK_TRACKING_DISABLED": "1"})
    tracker.session_end(session_id="s")
    assert tracker.flush()
    assert tracker.counters == (0, 0, 0, 0, 0)


def test_configuring_again_closes_the_one_before(spool: Path) -> None:
    environ = {"CASEBOOK_TRACKING_SOURCE": "/a", "CASEBOOK_TRACKING_SPOOL": str(spool)}
    first = configure(environ)
    first.track("agent.login", agent_id="a")
    assert configure(environ) is get_tracker()
    assert len(sealed_events(spool)) == 2


def test_memory_tracker_keeps_events_and_their_problems() -> None:
    tracker = MemoryTracker()
    tracker.session_message(session_id="s", role="user", message_length=3)
    tracker.track("session.message", session_id="s", role="robot")
    assert [event.problem for event in tracker.events] == [
        None,
        "has a field role that is none of ai, user",
    ]
    assert tracker.counters.errors == 1
    assert tracker.of_type("session.message")[0] == {
        "session_id": "s",
        "role": "user",
        "message_length": 3,
    }
