"""Records the events of a Python service for Casebook.

from casebook_tracking import Tracker

tracker = Tracker(source="/ai-chatbot/a", spool="/var/spool/casebook")
tracker.track("session.start", session_id="s-1", channel="web")
"""

from casebook_tracking.base import BaseTracker
from casebook_tracking.configuration import configure, get_tracker
from casebook_tracking.counters import Counters
from casebook_tracking.doubles import MemoryTracker, NoopTracker, RecordedEvent
from casebook_tracking.settings import TrackingConfigurationError
from casebook_tracking.trackers import Tracker

__all__ = [
    "BaseTracker",
    "Counters",
    "MemoryTracker",
    "NoopTracker",
    "RecordedEvent",
    "Tracker",
    "TrackingConfigurationError",
    "configure",
    "get_tracker",
]
