"""Named places at which tests stop, break or kill a loader; they do nothing otherwise."""

from __future__ import annotations

from collections.abc import Callable

# Redis has given entries and losses; nothing of them is in the ledger.
AFTER_READ = "after_read"
AFTER_COPY = "after_copy"
BEFORE_COMMIT = "before_commit"
AFTER_COMMIT = "after_commit"
BEFORE_ACK = "before_ack"
NAMES = (AFTER_READ, AFTER_COPY, BEFORE_COMMIT, AFTER_COMMIT, BEFORE_ACK)

_actions: dict[str, Callable[[], None]] = {}


def arm(name: str, action: Callable[[], None] | None) -> None:
    """Call `action` each time the place is reached; None disarms it."""
    if name not in NAMES:
        raise ValueError(f"{name} is no failpoint; there are {', '.join(NAMES)}.")
    if action is None:
        _actions.pop(name, None)
    else:
        _actions[name] = action


def reach(name: str) -> None:
    """Do what was armed for this place."""
    if _actions:
        action = _actions.get(name)
        if action is not None:
            action()
