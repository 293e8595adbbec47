"""What happens on SIGTERM.

Python ends at once on SIGTERM unless somebody handles it: no exit handlers, no flush.
- `auto`: where nobody handles it, flush, then end as the signal would have. Servers
  (gunicorn, uvicorn, celery) handle it themselves and exit in an orderly way: theirs stays.
- `chain`: flush, then do what was installed before, whatever it is.
- `off`: leave it alone.
Only the main thread can install a handler; elsewhere nothing is installed.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


def install(mode: str, flush: Callable[[], None], close: Callable[[], None]) -> bool:
    """Install the handler that `mode` asks for; return whether one was.

    `close` runs when the process ends with the signal, `flush` when another handler decides.
    """
    if mode == "off" or threading.current_thread() is not threading.main_thread():
        return False
    previous = signal.getsignal(signal.SIGTERM)
    if previous is None or (mode == "auto" and previous is not signal.SIG_DFL):
        return False

    def handle(number: int, frame: FrameType | None) -> None:
        if previous is signal.SIG_DFL:
            close()
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        flush()
        if callable(previous):
            previous(number, frame)

    signal.signal(signal.SIGTERM, handle)
    return True
