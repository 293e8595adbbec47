"""The tracker of the whole process, configured from the environment like logging.

`CASEBOOK_TRACKING_SOURCE` and `_SPOOL` (or `_REDIS_URL`) are enough; every option of
`TrackerSettings` may be set as `CASEBOOK_TRACKING_<OPTION>`. With
`CASEBOOK_TRACKING_DISABLED=1` nothing is tracked.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING

from casebook_tracking.doubles import NoopTracker
from casebook_tracking.settings import TrackerOptions, TrackingConfigurationError
from casebook_tracking.trackers import Tracker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from casebook_tracking.base import BaseTracker

logger = logging.getLogger("casebook_tracking")

PREFIX = "CASEBOOK_TRACKING_"
TEXTS = ("redis_url", "stream", "on_sigterm")
INTEGERS = ("stream_length", "queue_size", "file_bytes", "spool_bytes")
SECONDS = ("seal_seconds", "heartbeat_seconds", "exit_seconds")
KNOWN = frozenset({"source", "spool", "disabled", *TEXTS, *INTEGERS, *SECONDS})


class _Process:
    """The one tracker that `get_tracker` returns."""

    def __init__(self) -> None:
        # Reentrant: `get_tracker` configures while it holds it.
        self.lock = threading.RLock()
        self.tracker: BaseTracker | None = None


_process = _Process()


def configure(environ: Mapping[str, str] | None = None) -> BaseTracker:
    """Make the process's tracker from the environment, and return it.

    Closes the one before. Raises `TrackingConfigurationError` naming the variable.
    """
    values = {
        name[len(PREFIX) :].lower(): value
        for name, value in (os.environ if environ is None else environ).items()
        if name.startswith(PREFIX) and value
    }
    unknown = sorted(values.keys() - KNOWN)
    if unknown:
        raise TrackingConfigurationError(f"{PREFIX}{unknown[0].upper()} is not a setting.")
    tracker: BaseTracker
    if values.get("disabled", "0").lower() not in ("0", "false", "no"):
        tracker = NoopTracker()
    else:
        source = values.get("source")
        if source is None:
            raise TrackingConfigurationError(f"{PREFIX}SOURCE must name the producer.")
        tracker = Tracker(source, values.get("spool"), **_options(values))
    with _process.lock:
        previous, _process.tracker = _process.tracker, tracker
    if previous is not None:
        previous.close()
    return tracker


def get_tracker() -> BaseTracker:
    """Return the process's tracker, configured at the first call.

    Never raises: where the configuration is missing or wrong it logs an error once and
    tracks nothing.
    """
    tracker = _process.tracker
    if tracker is not None:
        return tracker
    with _process.lock:
        # Another thread may have been first, and its tracker must not be closed again.
        if _process.tracker is not None:
            return _process.tracker
        try:
            return configure()
        except (TrackingConfigurationError, ImportError) as error:
            logger.critical("nothing is tracked: %s", error)
            _process.tracker = NoopTracker()
            return _process.tracker


def _options(values: Mapping[str, str]) -> TrackerOptions:
    options: dict[str, object] = {name: values[name] for name in TEXTS if name in values}
    for names, read in ((INTEGERS, int), (SECONDS, float)):
        for name in names:
            if name in values:
                try:
                    options[name] = read(values[name])
                except ValueError as error:
                    raise TrackingConfigurationError(
                        f"{PREFIX}{name.upper()}={values[name]} must be a number."
                    ) from error
    return options  # type: ignore[return-value]
