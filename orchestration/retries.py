"""Which failures of a step are tried again, and after how long."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import dagster as dg

from raw_loaders.errors import RetriableError

if TYPE_CHECKING:
    from collections.abc import Iterator

# A restarted server answers within a minute; a deadlock is over at once.
WAITS_SECONDS = (5, 20, 60)


@contextmanager
def retried(context: dg.OpExecutionContext) -> Iterator[None]:
    """Ask Dagster to run the step again when it failed with a `RetriableError`.

    Anything else would fail again and is raised, as is the last try's error.
    """
    try:
        yield
    except RetriableError as error:
        tries = context.retry_number
        if tries >= len(WAITS_SECONDS):
            raise
        context.log.warning(f"{error} Trying again in {WAITS_SECONDS[tries]} s.")
        raise dg.RetryRequested(
            max_retries=len(WAITS_SECONDS), seconds_to_wait=WAITS_SECONDS[tries]
        ) from error
