"""Shorter turns of the interpreter while a tracker ends.

CPython lets each thread that computes keep the interpreter for 5 ms. Beside twenty of them a system
call of the writer, which gives it away, has it back after 100 ms, and an end of twenty such calls
takes its two seconds and leaves the file unsealed.
"""

from __future__ import annotations

import sys
import threading

# Shorter ones leave the writer with less: it is interrupted as well, and each change costs.
SHORT_SECONDS = 0.000_5


class _ShortTurns:
    """A `with` block of any number of threads: the first shortens, the last restores."""

    def __init__(self) -> None:
        # Reentrant: a signal handler that closes may interrupt a close.
        self._lock = threading.RLock()
        self._users = 0
        self._before = self._short = 0.0

    def __enter__(self) -> None:
        with self._lock:
            if not self._users:
                self._before = sys.getswitchinterval()
                sys.setswitchinterval(min(self._before, SHORT_SECONDS))
                self._short = sys.getswitchinterval()
            self._users += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                self._restore()

    def forget_users(self) -> None:
        """In a forked child: the threads that waited are not there, and the lock may be theirs."""
        self._lock = threading.RLock()
        if self._users:
            self._users = 0
            self._restore()

    def _restore(self) -> None:
        # Unless the service has set another one meanwhile.
        if sys.getswitchinterval() == self._short:
            sys.setswitchinterval(self._before)


short_turns = _ShortTurns()
