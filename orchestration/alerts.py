"""The message about a failed run: what it says, and how it is sent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from raw_loaders import errors
from raw_loaders.errors import CasebookError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable

# Their sentences carry no content of an event and no secret; other errors' may.
SAFE = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, CasebookError)
}
WAITS_SECONDS = (2, 10)


class Failure(Protocol):
    """An error as Dagster records it."""

    @property
    def message(self) -> str:
        """Kind and text."""
        ...

    @property
    def cls_name(self) -> str | None:
        """The kind, without its module."""
        ...

    @property
    def cause(self) -> Failure | None:
        """What it was raised from."""
        ...


def write_message(
    job: str, run_id: str, failed: Iterable[tuple[str, Failure | None]]
) -> tuple[str, str]:
    """Give title and body; `failed` are the failed steps with their errors.

    Only Casebook's own sentences are quoted; of other errors the body names the kind.
    """
    lines = [f"{step}: {_reason(error)}" for step, error in failed]
    if not lines:
        lines = ["The process that ran it was killed, took too long or could not start."]
    lines.append(f"See run {run_id} in the Dagster UI.")
    return f"Casebook: {job} failed", "\n".join(lines)


def _reason(error: Failure | None) -> str:
    last = None
    while error is not None:
        if error.cls_name in SAFE:
            # Dagster writes "raw_loaders.errors.RetriableError: The database …" and a line end.
            return error.message.partition(": ")[2].strip()
        last, error = error, error.cause
    return f"an error of the kind {last.cls_name or 'unknown'}" if last else "no error was recorded"


def send_message(url: str, title: str, body: str) -> None:
    """Send a message to an apprise URL, three times before giving up.

    Raises `SettingsError` when the URL is none, `CasebookError` when nobody took the message.
    """
    import apprise  # noqa: PLC0415 - half a second

    sender = apprise.Apprise()
    if not sender.add(url):
        raise SettingsError(
            "CASEBOOK_ALERT_URL is not a URL of apprise, such as mailto://… or slack://…"
        )
    for wait in (*WAITS_SECONDS, None):
        if sender.notify(title=title, body=body):
            return
        if wait is not None:
            time.sleep(wait)
    raise CasebookError("The message to CASEBOOK_ALERT_URL was not taken by its receiver.")
