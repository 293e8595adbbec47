"""Loads what waits of a source: the one entry for the command line and Dagster."""

from __future__ import annotations

import gc
import sys
import threading
import time
from typing import TYPE_CHECKING

import psycopg

from raw_loaders.ai_admin.loading import load_back_office
from raw_loaders.errors import CasebookError, RetriableError, name_database_error
from raw_loaders.load_reports import LoadOptions, LoadReport, Progress
from raw_loaders.object_loaders import ObjectLoader
from raw_loaders.redaction import HashKeys
from raw_loaders.sources import find_source

if TYPE_CHECKING:
    from collections.abc import Callable

# Longest turn of one thread while the other waits.
SWITCH_SECONDS = 0.0002

__all__ = ["HashKeys", "LoadOptions", "LoadReport", "Progress", "load_source"]


def load_source(
    source: str,
    connect: Callable[[], psycopg.Connection],
    options: LoadOptions,
    on_progress: Callable[[Progress], None] | None = None,
) -> LoadReport:
    """Land everything of a source that is there and has not landed.

    Safe to kill, to repeat and to run beside itself. The report names what could not be
    read; `raise_failures` makes an error of it. Raises `RetriableError` when the database,
    Redis or the bucket fails, `CasebookError` when the database refuses a statement.
    """
    started = time.monotonic()
    try:
        with connect() as connection:
            connection.autocommit = True
            if source == "ai_admin":
                return load_back_office(connection, options, on_progress)
            loader = ObjectLoader(connection, find_source(source), options, on_progress)
            with _interpreter_tuned:
                loader.load_files()
                if options.redis_url is not None and loader.source.has_stream:
                    loader.load_stream(options.redis_url)
    # Never with the server's error as the cause: a log would print its DETAIL and CONTEXT, which
    # quote rows.
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "connection lost"
        raise RetriableError(
            f"The database failed while {source} was landed ({reason}); run it again."
        ) from None
    except psycopg.Error as error:
        raise CasebookError(
            f"The database refused a statement while {source} was landed "
            f"({name_database_error(error)}): what was committed stays, the rest waits; "
            "look into the server's log, then run it again."
        ) from None
    loader.report.seconds = time.monotonic() - started
    return loader.report


class _TunedInterpreter:
    """Lets the landing thread have its turn at once, and leaves rows to their counts.

    A write to the server takes the interpreter from the decoding thread some sixty times a
    chunk; at Python's 5 ms a turn, that alone is longer than decoding it. And the collector
    of cycles, which rows do not have, takes an eighth of a load's time walking through them.

    A `with` block of any number of loads at once: the first tunes, the last restores.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loads = 0
        self._before = (0.0, True)

    def __enter__(self) -> None:
        with self._lock:
            if not self._loads:
                self._before = (sys.getswitchinterval(), gc.isenabled())
                sys.setswitchinterval(SWITCH_SECONDS)
                gc.disable()
            self._loads += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._loads -= 1
            if not self._loads:
                interval, was_collecting = self._before
                sys.setswitchinterval(interval)
                if was_collecting:
                    gc.enable()


_interpreter_tuned = _TunedInterpreter()
