"""The one place that reads the environment; everything else takes a `Settings`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

from raw_loaders.errors import SettingsError

PREFIX = "CASEBOOK_"
# The producers' client has settings of its own, read on their side.
TRACKING_PREFIX = "CASEBOOK_TRACKING_"
DEFAULT_TIMEZONE = "Asia/Shanghai"
POSTGRES_SCHEMES = ("postgresql://", "postgres://")
# A file younger than this may still be being written.
DEFAULT_SETTLE_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, validated. Paths are absolute; times are UTC.

    `database_url` is None for the embedded server, `landing` is a directory or an
    `s3://` URL, `as_of` is None for "the latest event landed".
    """

    home: Path
    database_url: str | None
    landing: str
    redis_url: str | None
    ai_admin_url: str | None
    alert_url: str | None
    timezone: ZoneInfo
    hash_key: str | None
    hash_key_previous: str | None
    assumptions: Path | None
    as_of: datetime | None
    settle_seconds: float

    @property
    def reports(self) -> Path:
        """Where pages are written."""
        return self.home / "reports"

    @property
    def is_embedded(self) -> bool:
        """Whether the warehouse is the Postgres server that Casebook starts itself."""
        return self.database_url is None


def load_settings(
    environ: Mapping[str, str] | None = None, directory: Path | None = None
) -> Settings:
    """Read settings from the environment, then from `.env` in `directory` (the cwd).

    An empty value counts as unset. Raises `SettingsError` naming the variable.
    """
    directory = directory or Path.cwd()
    from_file = {k: v for k, v in dotenv_values(directory / ".env").items() if v}
    from_environ = os.environ if environ is None else environ
    values = {
        name.removeprefix(PREFIX): value
        for name, value in {**from_file, **from_environ}.items()
        if name.startswith(PREFIX) and not name.startswith(TRACKING_PREFIX) and value
    }
    unknown = sorted(values.keys() - KNOWN)
    if unknown:
        raise SettingsError(
            f"{PREFIX}{unknown[0]} is not a setting of Casebook; known are "
            + ", ".join(PREFIX + name for name in sorted(KNOWN))
            + "."
        )
    home = (directory / values.get("HOME", ".casebook")).expanduser().resolve()
    return Settings(
        home=home,
        database_url=_database_url(values.get("DATABASE_URL")),
        landing=_landing(values.get("LANDING"), home, directory),
        redis_url=_redis_url(values.get("REDIS_URL")),
        ai_admin_url=_ai_admin_url(values.get("AI_ADMIN_URL")),
        alert_url=_alert_url(values.get("ALERT_URL")),
        timezone=_timezone(values.get("TIMEZONE", DEFAULT_TIMEZONE)),
        hash_key=values.get("HASH_KEY"),
        hash_key_previous=_previous_key(values.get("HASH_KEY_PREVIOUS"), values.get("HASH_KEY")),
        assumptions=_assumptions(values.get("ASSUMPTIONS"), directory),
        as_of=_as_of(values.get("AS_OF")),
        settle_seconds=_settle_seconds(values.get("SETTLE_SECONDS")),
    )


KNOWN = frozenset(
    {
        "HOME",
        "DATABASE_URL",
        "LANDING",
        "REDIS_URL",
        "AI_ADMIN_URL",
        "ALERT_URL",
        "TIMEZONE",
        "HASH_KEY",
        "HASH_KEY_PREVIOUS",
        "ASSUMPTIONS",
        "AS_OF",
        "SETTLE_SECONDS",
    }
)


def _database_url(value: str | None) -> str | None:
    if value is not None and not value.startswith(POSTGRES_SCHEMES):
        raise SettingsError(
            "CASEBOOK_DATABASE_URL must start with postgresql://; "
            "unset it to use the embedded server."
        )
    return value


def _redis_url(value: str | None) -> str | None:
    if value is not None and not value.startswith(("redis://", "rediss://", "unix://")):
        # Never the values of URLs: they hold passwords.
        raise SettingsError(
            "CASEBOOK_REDIS_URL must start with redis://, rediss:// or unix://, such as "
            "redis://localhost:6379/0."
        )
    return value


def _ai_admin_url(value: str | None) -> str | None:
    if value is not None and not value.startswith(POSTGRES_SCHEMES):
        raise SettingsError(
            "CASEBOOK_AI_ADMIN_URL must start with postgresql://; unset it when there is no "
            "AI back office."
        )
    return value


def _alert_url(value: str | None) -> str | None:
    if value is not None and "://" not in value:
        raise SettingsError(
            "CASEBOOK_ALERT_URL must be a URL of apprise, such as mailto://… or slack://…"
        )
    return value


def _previous_key(value: str | None, key: str | None) -> str | None:
    if value is not None and key in (None, value):
        raise SettingsError(
            "CASEBOOK_HASH_KEY_PREVIOUS is the key before CASEBOOK_HASH_KEY, which must be set "
            "and another one."
        )
    return value


def _landing(value: str | None, home: Path, directory: Path) -> str:
    if value is None:
        return str(home / "landing")
    if value.startswith("s3://") and value.strip("/") != "s3:":
        return value.rstrip("/")
    path = (directory / value).expanduser().resolve()
    if "://" in value or not path.is_dir():
        raise SettingsError(
            f"CASEBOOK_LANDING={value} is neither a directory nor an s3:// URL with a bucket: "
            "make it, or correct the setting."
        )
    return str(path)


def _timezone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise SettingsError(
            f"CASEBOOK_TIMEZONE={value} is not an IANA time zone such as {DEFAULT_TIMEZONE}."
        ) from error


def _assumptions(value: str | None, directory: Path) -> Path | None:
    if value is None:
        return None
    path = (directory / value).expanduser().resolve()
    if not path.is_dir():
        raise SettingsError(
            f"CASEBOOK_ASSUMPTIONS={value} is not a directory; it holds CSV files "
            "named like the seeds they replace."
        )
    return path


def _as_of(value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise SettingsError(
            f"CASEBOOK_AS_OF={value} is not a time such as 2025-12-31T16:00:00Z."
        ) from error
    if moment.tzinfo is None:
        raise SettingsError(f"CASEBOOK_AS_OF={value} needs an offset, such as +08:00.")
    return moment.astimezone(UTC)


def _settle_seconds(value: str | None) -> float:
    if value is None:
        return DEFAULT_SETTLE_SECONDS
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise SettingsError(
            f"CASEBOOK_SETTLE_SECONDS={value} must be a number of seconds, 0 or more."
        )
    return seconds
