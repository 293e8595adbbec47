"""Casebook's errors, by what the caller should do about them.

Each message is one sentence for a person: what is wrong, where, and what to do.
No message carries an event's content or a secret.
"""


class CasebookError(Exception):
    """Anything Casebook reports to a person; the command line prints it and exits 1."""


class SettingsError(CasebookError):
    """A setting is missing or wrong; nothing was started."""


class RetriableError(CasebookError):
    """The same call may succeed later: a server that is down, a lock, a deadlock."""


class ObjectError(CasebookError):
    """One object cannot be read to its end; the others were handled."""
