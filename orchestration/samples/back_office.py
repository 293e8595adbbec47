"""A made-up AI back office: the source schema `biz` with rows, in a database of its own.

    CASEBOOK_AI_ADMIN_URL=postgresql://…/back_office python -m orchestration.samples.back_office

makes it in an empty database; for try-outs and tests, never beside real rows. The URL is no
argument: its password would stand in the process list.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from orchestration.samples.guards import SAMPLE_PREFIX
from orchestration.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orchestration.database import Database

# Its prefix tells the ledger's guard that it is a sample.
DATABASE = f"{SAMPLE_PREFIX}back-office"
SCHEMA_FILE = Path(__file__).with_suffix(".sql")
# Site, zone, hour at which its business day starts.
SITES = (("sh-01", "Asia/Shanghai", "04:00"), ("ber-01", "Europe/Berlin", "00:00"))
APPS = (
    ("app2_finance", 900, 2_400),
    ("app2a_finance_area", 700, 1_900),
    ("app3_clue", 400, 1_200),
    ("app4_analysis", 1_500, 4_000),
    ("app5_tactics", 800, 2_200),
    ("app6_note", 250, 700),
    ("app7_customer", 600, 1_500),
    ("app8_consolidation", 2_000, 6_000),
)
EVENT_TYPES = ("consumption", "dws_completed", "note_created", "task_assigned")
DIMENSIONS = (
    "today",
    "yesterday",
    "this_week",
    "last_week",
    "this_month",
    "last_month",
    "this_quarter",
    "this_year",
)
AREAS = ("hall", "room", "bar", "kitchen", "retail", "spa", "pool", "other")


@dataclass(frozen=True, kw_only=True)
class BackOffice:
    """What to make up. The same values give the same rows; `end` is the last instant."""

    end: datetime = datetime(2025, 12, 31, 12, tzinfo=UTC)
    days: int = 30
    runs_per_day: int = 60
    seed: int = 7


def create_sample_office(warehouse: Database, office: BackOffice) -> None:
    """Make the sample's back office beside an embedded warehouse; nothing when it is there."""
    if find_sample_office(warehouse) is not None:
        return
    with warehouse.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
    with psycopg.connect(_url(warehouse)) as connection:
        create_back_office(connection, office)


def find_sample_office(warehouse: Database) -> str | None:
    """Give the URL of the sample's back office; None when there is none."""
    if not warehouse.is_embedded:
        return None
    with warehouse.connect() as connection:
        query = "select count(*) from pg_database where datname = %s"
        row = connection.execute(query, (DATABASE,)).fetchone()
    return _url(warehouse) if row == (1,) else None


def _url(warehouse: Database) -> str:
    return urlunsplit(urlsplit(warehouse.url)._replace(path=f"/{DATABASE}"))


def create_back_office(connection: psycopg.Connection, office: BackOffice) -> None:
    """Make schema `biz` and its rows, in one transaction."""
    rng = random.Random(office.seed)  # noqa: S311 - no secret
    with connection.transaction():
        connection.execute(SCHEMA_FILE.read_bytes())
        _insert(
            connection,
            "site_calendar",
            ({"site_id": s, "tz": z, "day_cutoff": c} for s, z, c in SITES),
        )
        _insert(connection, "ai_run_logs", _runs(office, rng))
        _insert(connection, "ai_trigger_jobs", _jobs(office, rng))
        _insert(connection, "trigger_jobs", _triggers(office))
        _insert(connection, "ai_cache", _cache(office, rng))
        _insert(connection, "ai_budget_limits", _limits(office))


def _runs(office: BackOffice, rng: random.Random) -> Iterator[dict[str, Any]]:
    total = office.days * office.runs_per_day
    for number in range(total):
        created = office.end - timedelta(days=office.days) * (1 - number / total)
        app, tokens, latency = rng.choice(APPS)
        status = rng.choices(("success", "failed", "timeout", "running"), (90, 6, 2, 2))[0]
        failed = status in ("failed", "timeout")
        took = round(latency * rng.lognormvariate(0, 0.4))
        finished = None if status == "running" else created + timedelta(milliseconds=took)
        yield {
            "site_id": rng.choice(SITES)[0],
            "app_type": app,
            "trigger_type": rng.choice(("event", "cron", "manual")),
            "member_id": f"m{rng.randrange(200)}",
            # Some apps do not report their tokens.
            "tokens_used": 0
            if failed or rng.random() < 0.03
            else round(tokens * rng.uniform(0.5, 2)),
            "latency_ms": None if status == "running" else took,
            "status": status,
            "alert_status": rng.choice(("pending", "acknowledged", "ignored")) if failed else None,
            "error_message": "the model did not answer" if failed else None,
            "session_id": f"s{number}",
            "request_prompt": "Summarise what the member did.",
            "response_text": "The member did this and that.",
            "created_at": created,
            "finished_at": finished,
            "updated_at": finished or created,
        }


def _jobs(office: BackOffice, rng: random.Random) -> Iterator[dict[str, Any]]:
    total = office.days * office.runs_per_day // 4
    for number in range(total):
        created = office.end - timedelta(days=office.days) * (1 - number / total)
        status = rng.choices(("success", "failed", "skipped_duplicate", "pending"), (80, 5, 12, 3))[
            0
        ]
        ended = status in ("success", "failed")
        yield {
            "event_type": rng.choice(EVENT_TYPES),
            "connector_type": rng.choice(("pos", "crm")),
            "member_id": f"m{rng.randrange(200)}",
            "status": status,
            "app_chain": "app3_clue,app4_analysis,app5_tactics",
            "is_forced": rng.random() < 0.02,
            "site_id": rng.choice(SITES)[0],
            "error_message": "no answer" if status == "failed" else None,
            "started_at": created + timedelta(seconds=2) if ended else None,
            "finished_at": created + timedelta(seconds=rng.randint(5, 60)) if ended else None,
            "created_at": created,
            "updated_at": created + timedelta(seconds=60) if ended else created,
        }


def _triggers(office: BackOffice) -> Iterator[dict[str, Any]]:
    for number, (app, _, _) in enumerate(APPS):
        condition = ("event", "cron", "interval")[number % 3]
        yield {
            "job_name": f"run {app}",
            "job_type": "ai",
            "trigger_condition": condition,
            "trigger_config": {"event": "consumption", "cron": "0 5 * * *", "interval": "6h"}[
                condition
            ],
            "status": "disabled" if number == 7 else "enabled",
            "description": f"Runs {app}.",
            "last_run_at": office.end - timedelta(hours=number),
            "next_run_at": office.end + timedelta(hours=24 - number),
        }


def _cache(office: BackOffice, rng: random.Random) -> Iterator[dict[str, Any]]:
    for site, _, _ in SITES:
        for dimension in DIMENSIONS:
            cells = [("app2_finance", "all"), *(("app2a_finance_area", area) for area in AREAS)]
            for app, area in cells:
                if rng.random() < 0.15:
                    continue
                created = office.end - timedelta(hours=rng.uniform(1, 12))
                yield {
                    "site_id": site,
                    "app_type": app,
                    "target_id": site,
                    "time_dimension": dimension,
                    "area": area,
                    "created_at": created,
                    "expires_at": created + timedelta(hours=24),
                    "invalidated_at": created + timedelta(minutes=5)
                    if rng.random() < 0.05
                    else None,
                }


def _limits(office: BackOffice) -> Iterator[dict[str, Any]]:
    first = (office.end - timedelta(days=office.days)).date()
    for site, _, _ in SITES:
        for period, limit in (("daily", 100_000), ("monthly", 2_500_000)):
            yield {"site_id": site, "period": period, "token_limit": limit, "valid_from": first}


def _insert(connection: psycopg.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    first, *others = rows
    columns = list(first)
    statement = sql.SQL("copy biz.{} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor().copy(statement) as copy:
        for row in (first, *others):
            copy.write_row([row[column] for column in columns])


def main() -> None:
    """Make the back office in the database of CASEBOOK_AI_ADMIN_URL."""
    url = load_settings().ai_admin_url
    if url is None:
        raise SystemExit(__doc__)
    with psycopg.connect(url) as connection:
        create_back_office(connection, BackOffice())


if __name__ == "__main__":
    main()
