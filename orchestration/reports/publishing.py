"""Publishes a page: reads the marts, remembers the numbers, writes the file. In that order."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg

from orchestration.builds import schema_suffix
from orchestration.database import Database
from orchestration.reports.marts import Marts
from orchestration.reports.pages import render_page
from orchestration.reports.snapshots import remember
from orchestration.reports.wording import Language
from orchestration.settings import Settings
from raw_loaders.locks import BUILD_LOCK

SITE_LETTERS = 40


@dataclass(frozen=True, kw_only=True)
class Page:
    """A written page; `changed_count` numbers differ from the version published before."""

    month: date
    path: Path
    is_complete: bool
    build_id: int
    changed_count: int


def publish_page(
    settings: Settings,
    database: Database,
    month: date | None = None,
    *,
    site: str | None = None,
    language: Language = "both",
    say: Callable[[str], None],
) -> Page | None:
    """Write a month's page, by default that of the last complete month; None without events.

    Safe to repeat. A running build is waited for. Raises `SettingsError` for a month or site
    without data, or when the last build did not finish.
    """
    with database.connect(role="transformer") as connection:
        _wait_for_build(connection, say)
        connection.execute("set transaction isolation level repeatable read")
        marts = Marts(connection, f"marts{schema_suffix(settings.as_of)}")
        marts.read_build()
        month = month or marts.find_month()
        if month is None:
            return None
        numbers = marts.read_month(month, site)
        connection.commit()
        history = remember(connection, numbers)
        connection.commit()
    path = settings.reports / _file_name(numbers.start, site, settings, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(".part")
    written.write_text(render_page(numbers, history, language), encoding="utf-8")
    written.replace(path)
    return Page(
        month=month,
        path=path,
        is_complete=numbers.is_complete,
        build_id=numbers.build.build_id,
        changed_count=len(history.changes),
    )


def _wait_for_build(connection: psycopg.Connection, say: Callable[[str], None]) -> None:
    """Hold the build lock in share mode on this session, so that all marts are of one build."""
    query = "select pg_try_advisory_lock_shared(%s)"
    if connection.execute(query, (BUILD_LOCK,)).fetchone() != (True,):
        say("A build is running; the page waits for it to end.")
        connection.execute("select pg_advisory_lock_shared(%s)", (BUILD_LOCK,))
    connection.commit()


def _file_name(month: date, site: str | None, settings: Settings, language: Language) -> str:
    """Name the file; a site's name comes from events and may hold anything."""
    parts = [f"business-case-{month:%Y-%m}{schema_suffix(settings.as_of)}"]
    if site is not None:
        letters = re.sub(r"[^A-Za-z0-9]+", "-", site).strip("-")[:SITE_LETTERS]
        parts.append(f"{letters}-{hashlib.sha256(site.encode()).hexdigest()[:6]}".lstrip("-"))
    if language != "both":
        parts.append(language)
    return ".".join([*parts, "html"])
