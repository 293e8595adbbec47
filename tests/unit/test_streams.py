"""Work in a thread as an iterator: order, results, errors."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from orchestration.streams import stream


def test_stream_gives_what_the_work_emits_while_it_works() -> None:
    read_first = threading.Event()

    def work(emit: Callable[[int], None]) -> None:
        emit(1)
        assert read_first.wait(10), "the first item must arrive before the work has ended"
        emit(2)

    items = stream(work)
    assert next(items) == 1
    read_first.set()
    assert list(items) == [2]


def test_stream_raises_what_the_work_raised_after_all_it_emitted() -> None:
    def work(emit: Callable[[str], None]) -> None:
        emit("before")
        raise KeyError("broken")

    items = stream(work)
    assert next(items) == "before"
    with pytest.raises(KeyError, match="broken"):
        next(items)


def test_stream_can_give_none() -> None:
    def work(emit: Callable[[None], None]) -> None:
        emit(None)

    assert list(stream(work)) == [None]
