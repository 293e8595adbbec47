"""What dbt is told, and what its messages become."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.database import Database
from orchestration.dbt_runs import dbt_arguments, dbt_environment, forget_parse, reason


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        (
            "Database Error in model a (models/a.sql)\n"
            '  duplicate key value violates unique constraint "a_key"\n'
            "  DETAIL:  Key (customer_id)=(wang) already exists.",
            'duplicate key value violates unique constraint "a_key"',
        ),
        (
            'Database Error in model a (a.sql)\n  invalid input syntax for type date: "wang"\n',
            'invalid input syntax for type date: "…"',
        ),
        (
            'value "1234567" is out of range for type integer',
            'value "…" is out of range for type integer',
        ),
        ('relation "a" does not exist', 'relation "a" does not exist'),
        ("Got 3 results, configured to fail if != 0", "Got 3 results, configured to fail if != 0"),
        ("", "no reason was given"),
    ],
)
def test_reason_says_why_without_values(message: str, sentence: str) -> None:
    assert reason(message) == sentence


def test_environment_splits_the_url() -> None:
    url = "postgresql://me:p%40ss@db.example:6543/warehouse?sslmode=require&sslrootcert=ca.pem"
    environment = dbt_environment(Database(url, is_embedded=False), "_as_of_x")
    assert environment == {
        "DBT_CASEBOOK_HOST": "db.example",
        "DBT_CASEBOOK_PORT": "6543",
        "DBT_CASEBOOK_USER": "me",
        "DBT_ENV_SECRET_CASEBOOK_PASSWORD": "p@ss",
        "DBT_CASEBOOK_DBNAME": "warehouse",
        "DBT_CASEBOOK_SSLMODE": "require",
        "DBT_CASEBOOK_SEARCH_PATH": "public\t-c\tclient_connection_check_interval=5s",
        "DBT_CASEBOOK_SCHEMA_SUFFIX": "_as_of_x",
        "DBT_CASEBOOK_SEEDS": "dbt_project/seeds",
        "PGTZ": "UTC",
        "PGSSLROOTCERT": "ca.pem",
    }


def test_arguments_write_below_the_home_only() -> None:
    live = dbt_arguments(Path("/home/casebook"))
    past = dbt_arguments(Path("/home/casebook"), full_refresh=True, schema_suffix="_as_of_x")
    assert live[live.index("--target-path") + 1] == "/home/casebook/dbt/target"
    assert live[live.index("--log-path") + 1] == "/home/casebook/dbt/logs"
    assert "--full-refresh" not in live
    assert past[past.index("--target-path") + 1] == "/home/casebook/dbt/target_as_of"
    assert "--full-refresh" in past


def test_increment_runs_what_descends_from_changed_sources() -> None:
    nothing = dbt_arguments(Path("/home/casebook"))
    some = dbt_arguments(Path("/home/casebook"), changed_sources={"support", "ai_admin"})
    everything = dbt_arguments(
        Path("/home/casebook"), full_refresh=True, changed_sources={"support"}
    )
    assert nothing[nothing.index("--select") + 1].split() == [
        "source:ledger.load_counts+,config.materialized:incremental",
        "source:ledger.load_counts+,resource_type:test",
    ]
    assert some[some.index("--select") + 1].split() == [
        f"source:{source}+,{kind}"
        for source in ("ledger.load_counts", "ai_admin", "support")
        for kind in ("config.materialized:incremental", "resource_type:test")
    ]
    assert "--select" not in everything


def test_parse_of_another_release_is_forgotten(tmp_path: Path) -> None:
    """From it, dbt found a metric twice that had moved to another file, and could not start."""
    target = tmp_path / "dbt" / "target"
    parse = target / "partial_parse.msgpack"
    forget_parse(target, "old")
    parse.write_bytes(b"parsed")
    forget_parse(target, "old")
    assert parse.exists()
    forget_parse(target, "new")
    assert not parse.exists()
