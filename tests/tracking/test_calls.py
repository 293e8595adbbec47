"""Timing AI calls, and errors counted once however many layers see them."""

from __future__ import annotations

import asyncio

import pytest
from casebook_tracking import MemoryTracker
from casebook_tracking.error_layers import ErrorLayer


def test_call_that_works_is_a_success_with_its_tokens() -> None:
    tracker = MemoryTracker()
    with tracker.coze_call("s", "w") as call:
        call.input_tokens = 3
        call.output_tokens = 5
    (event,) = tracker.events
    assert event.event_type == "api.coze_call"
    assert event.problem is None
    (data,) = tracker.of_type("api.coze_call")
    assert isinstance(data, dict)
    assert data.pop("response_time_ms") >= 0
    assert data == {
        "session_id": "s",
        "workflow_id": "w",
        "success": True,
        "input_tokens": 3,
        "output_tokens": 5,
    }


def test_call_may_be_declared_a_failure() -> None:
    tracker = MemoryTracker()
    with tracker.coze_call() as call:
        call.success = False
    assert [event.event_type for event in tracker.events] == ["api.coze_call"]
    assert tracker.of_type("api.coze_call")[0]["success"] is False  # type: ignore[index]


def test_call_that_raises_is_a_failure_with_one_error() -> None:
    tracker = MemoryTracker()
    with ErrorLayer(tracker) as request:
        with pytest.raises(TimeoutError) as raised, tracker.coze_call("s", "w"):
            raise TimeoutError("after 30 s")
        request.track_error(raised.value, "s", "GET /chat")
    assert [event.event_type for event in tracker.events] == ["api.coze_call", "api.error"]
    assert tracker.of_type("api.error") == [
        {
            "session_id": "s",
            "endpoint": "w",
            "error_type": "TimeoutError",
            "error_message": "after 30 s",
        }
    ]


def test_cancelled_call_is_a_failure_and_no_error_of_the_platform() -> None:
    tracker = MemoryTracker()

    async def cancelled() -> None:
        async def call() -> None:
            with tracker.coze_call("s"):
                await asyncio.sleep(10)

        task = asyncio.create_task(call())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert [event.event_type for event in tracker.events] == ["api.coze_call"]
    assert tracker.of_type("api.coze_call")[0]["success"] is False  # type: ignore[index]


def test_error_raised_again_is_another_error() -> None:
    """A mark on the exception never expired: one object raised three times was one error."""
    tracker = MemoryTracker()
    busy = ValueError("busy")
    with ErrorLayer(tracker):
        for _ in range(3):
            with pytest.raises(ValueError, match="busy"), tracker.coze_call("s", "w"):
                raise busy
    assert len(tracker.of_type("api.error")) == 3


class FrozenError(Exception):
    """An exception that takes no attribute, and fails to print."""

    def __setattr__(self, name: str, value: object) -> None:
        raise TypeError(name)

    def __str__(self) -> str:
        raise ValueError("no text")


class LazyError(Exception):
    """An exception that fails to be asked."""

    def __getattr__(self, name: str) -> object:
        raise KeyError(name)


@pytest.mark.parametrize("kind", [FrozenError, LazyError])
def test_hostile_exception_is_tracked_and_reaches_the_caller(kind: type[Exception]) -> None:
    tracker = MemoryTracker()
    with pytest.raises(kind), tracker.coze_call("s"):
        raise kind
    assert tracker.of_type("api.error")[0]["error_type"] == kind.__name__  # type: ignore[index]
