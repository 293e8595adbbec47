"""Runs a generator in a thread, one item ahead of who consumes them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from typing import TypeVar

Item = TypeVar("Item")


@contextmanager
def prefetched(items: Iterator[Item]) -> Iterator[Iterator[Item]]:
    """Items of a generator, made in a thread; what it raises is raised to the consumer.

    While one item is consumed the next is made, and no more: two are in memory. On leaving,
    the thread has ended, however many were taken.
    """
    # (item, error, is the end)
    queue: Queue[tuple[Item | None, BaseException | None, bool]] = Queue(maxsize=1)
    is_left = threading.Event()

    def produce() -> None:
        try:
            for item in items:
                queue.put((item, None, False))
                del item
                # Until it is taken.
                queue.join()
                if is_left.is_set():
                    return
            queue.put((None, None, True))
        except BaseException as error:  # noqa: BLE001 - carried to the other thread
            queue.put((None, error, True))

    def consume() -> Iterator[Item]:
        while True:
            item, error, is_end = queue.get()
            queue.task_done()
            if error is not None:
                raise error
            if is_end:
                return
            yield item  # type: ignore[misc]
            del item

    thread = threading.Thread(target=produce, name="casebook-decode", daemon=True)
    thread.start()
    try:
        yield consume()
    finally:
        is_left.set()
        while thread.is_alive():
            while not queue.empty():
                queue.get_nowait()
                queue.task_done()
            thread.join(0.01)
