"""Casebook's errors, by what the caller should do about them.

Each message is one sentence for a person: what is wrong, where, and what to do.
No message carries an event's content or a secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg


class CasebookError(Exception):
    """Anything Casebook reports to a person; the command line prints it and exits 1."""


class SettingsError(CasebookError):
    """A setting is missing or wrong; nothing was started."""


class RetriableError(CasebookError):
    """The same call may succeed later: a server that is down, a lock, a deadlock."""


class ObjectError(CasebookError):
    """One object cannot be read to its end; the others were handled."""


def name_database_error(error: psycopg.Error) -> str:
    """Name an error by kind and SQLSTATE: its message may quote a row."""
    kind = type(error).__name__
    return f"{kind}, SQLSTATE {error.sqlstate}" if error.sqlstate else kind
