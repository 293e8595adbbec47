"""Work that reports by callback, turned into an iterator of what it reports."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


def stream(work: Callable[[Callable[[T], None]], object]) -> Iterator[T]:
    """Run `work(emit)` in a thread; give what it emits, as it does, then raise what it raised.

    The thread is a daemon: when this process is interrupted, the work ends with it.
    """
    emitted: queue.SimpleQueue[tuple[T] | BaseException | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            work(lambda item: emitted.put((item,)))
        except BaseException as error:  # noqa: BLE001 - raised again by the reader
            emitted.put(error)
        else:
            emitted.put(None)

    threading.Thread(target=run, name="stream", daemon=True).start()
    while (item := emitted.get()) is not None:
        if isinstance(item, BaseException):
            raise item
        yield item[0]
