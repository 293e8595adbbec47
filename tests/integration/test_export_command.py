"""`casebook export`: every row and type, in blocks, with cells that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest

from orchestration import exports
from orchestration.database import Database
from tests.integration.conftest import Casebook

DAYS = 5


@pytest.fixture
def url(warehouse: Database) -> str:
    """A warehouse with one mart of five days, latest first, and a fact without a date."""
    with warehouse.connect() as connection:
        connection.execute("create schema if not exists marts")
        connection.execute("create schema if not exists facts")
        connection.execute(
            "create table marts.support_kpis_daily as"
            " select date '2025-12-01' + day as period_start, day::bigint as sessions,"
            " case when day > 0 then day / 8.0 end as escalation_rate,"
            " case day when 0 then '=1+1' when 1 then '-5' else '中文, \"x\"' end as term,"
            " '{\"a\": 1}'::jsonb as params, day > 2 as is_complete, -day as change,"
            " timestamptz '2025-12-01 00:00:00.000001+08' as built_at"
            " from generate_series(4, 0, -1) as day"
        )
        connection.execute("create table facts.fct_words (word text)")
        connection.execute("grant usage on schema marts, facts to casebook_bi_reader")
        connection.execute("grant select on all tables in schema marts to casebook_bi_reader")
        connection.execute("grant select on all tables in schema facts to casebook_bi_reader")
    return warehouse.url


def test_csv_has_every_row_by_day_and_no_formula(casebook: Casebook, url: str) -> None:
    outcome = casebook("export", "support_kpis_daily", DATABASE_URL=url)
    assert outcome.code == 0, outcome
    assert outcome.err == "5 rows of marts.support_kpis_daily written.\n"
    rows = list(csv.DictReader(io.StringIO(outcome.out)))
    assert [row["period_start"] for row in rows] == [f"2025-12-0{day + 1}" for day in range(DAYS)]
    assert [row["term"] for row in rows] == ["'=1+1", "'-5"] + ['中文, "x"'] * 3
    assert [row["change"] for row in rows] == ["0", "-1", "-2", "-3", "-4"]
    assert rows[0]["escalation_rate"] == ""
    assert rows[0]["built_at"] == "2025-11-30T16:00:00.000001+00:00"
    assert rows[0]["params"] == '{"a": 1}'


def test_parquet_has_types_and_a_row_group_a_block(
    casebook: Casebook, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BLOCK_ROWS", 2)
    arguments = ("--format", "parquet", "-o", "kpis.parquet")
    assert casebook("export", "support_kpis_daily", *arguments, DATABASE_URL=url).code == 0
    file = pq.ParquetFile(tmp_path / "kpis.parquet")
    assert file.num_row_groups == 3
    rows = file.read().to_pylist()
    assert len(rows) == DAYS
    assert rows[0] == {
        "period_start": date(2025, 12, 1),
        "sessions": 0,
        "escalation_rate": None,
        "term": "=1+1",
        "params": '{"a": 1}',
        "is_complete": False,
        "change": 0,
        "built_at": datetime(2025, 11, 30, 16, 0, 0, 1, tzinfo=UTC),
    }
    assert rows[1]["escalation_rate"] == 0.125
    assert [path.name for path in tmp_path.glob("*parquet*")] == ["kpis.parquet"]


def test_from_and_to_are_both_included(casebook: Casebook, url: str) -> None:
    bounds = ("--from", "2025-12-02", "--to", "2025-12-03")
    outcome = casebook("export", "support_kpis_daily", *bounds, DATABASE_URL=url)
    assert [line[:10] for line in outcome.out.splitlines()[1:]] == ["2025-12-02", "2025-12-03"]


def test_rows_of_one_day_stand_in_one_order(connection: psycopg.Connection) -> None:
    """They were ordered by the date alone: two exports of the same mart differed."""
    connection.execute(
        "create table pairs as select date '2025-12-01' as period_start, name, '{}'::json as params"
        " from unnest(array['b', 'c', 'a']) as name"
    )
    kinds = {"name": "text", "period_start": "date", "params": "json"}
    relation = exports.Relation("public", "pairs", kinds)
    [rows] = exports.read_blocks(connection, relation)
    assert [row[0] for row in rows] == ["a", "b", "c"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, psycopg.OperationalError, OSError])
def test_stopped_export_leaves_the_old_file_and_no_part(
    tmp_path: Path, stop: type[BaseException]
) -> None:
    path = tmp_path / "kpis.csv"
    path.write_text("old")

    def write_half() -> None:
        with exports.whole_file(path) as sink:
            sink.write(b"half")
            raise stop

    with pytest.raises(stop):
        write_half()
    assert {found.name: found.read_text() for found in tmp_path.iterdir()} == {"kpis.csv": "old"}


def test_what_cannot_be_exported_is_one_sentence(casebook: Casebook, url: str) -> None:
    wrong = casebook("export", "suport_kpis_dayly", DATABASE_URL=url)
    wrong.assert_sentence("no mart or fact named suport_kpis_dayly", "support_kpis_daily")
    dateless = casebook("export", "fct_words", "--from", "2025-12-02", DATABASE_URL=url)
    dateless.assert_sentence("fct_words has no date")


def test_the_server_holds_the_rows_and_hands_over_a_block(
    connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BLOCK_ROWS", 10)
    connection.execute("create table numbers as select * from generate_series(1, 25) as n")
    relation = exports.Relation("public", "numbers", {"n": "integer"})
    assert [len(block) for block in exports.read_blocks(connection, relation)] == [10, 10, 5]
