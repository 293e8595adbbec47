"""The tracker of a service, and what its process does with it at fork and exit."""

from __future__ import annotations

import atexit
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from casebook_tracking.base import BaseTracker
from casebook_tracking.emitters import Emitter
from casebook_tracking.settings import TrackerOptions, TrackerSettings, TrackingConfigurationError
from casebook_tracking.sigterms import install
from casebook_tracking.turns import short_turns

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from casebook_tracking.counters import Counters


class Tracker(BaseTracker):
    """Records events into a spool directory, or a Redis stream with the spool behind it.

    Make one per process at start-up; it may be made before a fork, and used from any
    thread and from asyncio. The first event starts its writer thread. Raises
    `TrackingConfigurationError` for a wrong setting, ImportError when `redis_url` is
    given without the extra `redis`.
    """

    def __init__(
        self,
        source: str,
        spool: str | os.PathLike[str] | None = None,
        **options: Unpack[TrackerOptions],
    ) -> None:
        try:
            # Absolute: a service may change its directory later.
            directory = None if spool is None else Path(spool).expanduser().absolute()
        except (RuntimeError, OSError) as error:
            raise TrackingConfigurationError(f"spool={spool!s} cannot be found: {error}") from error
        self.settings = TrackerSettings(source, directory, **options)
        try:
            self._emitter = Emitter(self.settings)
        except (ValueError, TypeError) as error:
            raise TrackingConfigurationError(f"redis_url is no URL of a Redis: {error}") from error
        _process.add(self)

    def flush(self, timeout: float = 2.0) -> bool:
        """Wait until all events so far are written and their file is sealed.

        Returns False when `timeout` seconds were not enough. In asyncio, await
        `asyncio.to_thread(tracker.flush)`. Each call seals a file: once a job, not once an event.
        """
        return self._emitter.flush(timeout)

    def close(self, timeout: float | None = None) -> bool:
        """Flush, write a last heartbeat, end the writer; False when time was short.

        Runs by itself at interpreter exit. Later events are dropped and counted.
        """
        try:
            return self._emitter.close(self.settings.exit_seconds if timeout is None else timeout)
        finally:
            # Last: a SIGTERM in between still waits for the writer.
            _process.remove(self)

    def ask_to_end(self, timeout: float) -> None:
        """Take no more events, and let the writer end within `timeout` seconds meanwhile."""
        self._emitter.ask_to_end(timeout)

    @property
    def counters(self) -> Counters:
        """What became of the events of this process since its boot."""
        return self._emitter.counters()

    @property
    def boot(self) -> str:
        """The life of this process's emitter: another one after a restart or a fork."""
        return self._emitter.boot

    def restart_in_child(self) -> None:
        """Begin a new boot after a fork: empty queue, sequence from 1, no thread yet."""
        parent, self._emitter = self._emitter, Emitter(self.settings)
        parent.abandon()

    def _record(self, event_type: str, data: object) -> None:
        try:
            self._emitter.emit(event_type, data)
        except Exception:  # noqa: BLE001 - the promise of `track`: whatever fails, not the caller
            self._emitter.count_error()


class _Process:
    """The open trackers of this process, and its hooks, installed with the first one."""

    def __init__(self) -> None:
        self._open: list[Tracker] = []
        self._has_hooks = False

    def add(self, tracker: Tracker) -> None:
        self._open.append(tracker)
        if not self._has_hooks:
            self._has_hooks = True
            os.register_at_fork(after_in_child=self.restart_all)
            atexit.register(self.close_all)
        install(tracker.settings.on_sigterm, self.flush_all, self.close_all)

    def remove(self, tracker: Tracker) -> None:
        if tracker in self._open:
            self._open.remove(tracker)

    def close_all(self) -> None:
        """At exit: close every tracker within the longest of their `exit_seconds`."""
        trackers = list(self._open)
        seconds = max((tracker.settings.exit_seconds for tracker in trackers), default=0.0)
        deadline = time.monotonic() + seconds
        for tracker in trackers:
            tracker.ask_to_end(seconds)
        for tracker in trackers:
            tracker.close(max(0.0, deadline - time.monotonic()))

    def flush_all(self) -> None:
        """Before another SIGTERM handler: make visible what is there."""
        for tracker in list(self._open):
            tracker.flush(tracker.settings.exit_seconds)

    def restart_all(self) -> None:
        """In a forked child: begin anew."""
        short_turns.forget_users()
        for tracker in self._open:
            tracker.restart_in_child()
        multiprocessing = sys.modules.get("multiprocessing.util")
        if multiprocessing is not None:
            multiprocessing.register_after_fork(self, _Process.finalize_with_multiprocessing)

    def finalize_with_multiprocessing(self) -> None:
        """Close at the end of a `multiprocessing.Process`, which runs no exit handlers."""
        sys.modules["multiprocessing.util"].Finalize(None, self.close_all, exitpriority=0)


_process = _Process()
