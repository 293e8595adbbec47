"""A company's figures are checked cell by cell before anything starts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orchestration.assumptions import read_assumptions
from orchestration.dbt_runs import SEEDS
from orchestration.seed_schemas import read_seed_schemas
from raw_loaders.errors import SettingsError

PRICES = """
version: 2
seeds:
  - name: prices
    config:
      column_types: {valid_from: date, unit: text, price: numeric, opens: time, level: integer}
      indexes: [{columns: [valid_from, unit], unique: true}, {columns: [price]}]
    data_tests:
      - assert_filled:
          arguments: {columns: [valid_from, price]}
    columns:
      - name: valid_from
      - name: unit
        data_tests:
          - accepted_values:
              arguments: {values: [call, token]}
      - name: price
        config: {meta: {minimum: 0, maximum: 1}}
      - name: opens
      - name: level
"""
HEADER = "valid_from,unit,price,opens,level\n"
GOOD = "2025-01-01,call,0.5,09:00,3\n"


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds" / "support"
    folder.mkdir(parents=True)
    (folder / "prices.yml").write_text(PRICES)
    (folder / "prices.csv").write_text(HEADER + GOOD)
    (folder / "days.yml").write_text("seeds: [{name: days, columns: [{name: day}]}]")
    (folder / "days.csv").write_text("day\n")
    return folder.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "assumptions"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("2025-13-01,call,0.5,,\n", "row 2, column valid_from: '2025-13-01' is not a date"),
        ("20250101,call,0.5,,\n", "row 2, column valid_from: '20250101' is not a date"),
        (",call,0.5,,\n", "row 2, column valid_from: '' is empty"),
        ("2025-01-01,minute,0.5,,\n", "column unit: 'minute' is not one of call, token"),
        ("2025-01-01,call,cheap,,\n", "column price: 'cheap' is not a number"),
        ("2025-01-01,call,nan,,\n", "column price: 'nan' is not a number"),
        ("2025-01-01,call,-0.1,,\n", "column price: '-0.1' is less than 0"),
        ("2025-01-01,call,1.01,,\n", "column price: '1.01' is greater than 1"),
        ("2025-01-01,call,0.5,9 am,\n", "column opens: '9 am' is not a time of day"),
        ("2025-01-01,call,0.5,25:00,\n", "column opens: '25:00' is not a time of day"),
        ("2025-01-01,call,0.5,,1.5\n", "column level: '1.5' is not a whole number"),
        (
            GOOD + "\n" + GOOD,
            "row 4, column valid_from and unit: '2025-01-01, call' is there twice",
        ),
        ("2025-01-01,call\n", "row 2: it has 2 cells where the header has 5"),
        ('2025-01-01,"call\n', "is not a CSV file"),
        ("", "has no rows"),
    ],
)
def test_wrong_cell_is_named(seeds: Path, folder: Path, rows: str, sentence: str) -> None:
    path = folder / "prices.csv"
    path.write_text(HEADER + rows)
    with pytest.raises(SettingsError, match=re.escape(sentence)) as caught:
        read_assumptions(folder, seeds)
    assert str(path) in str(caught.value)


def test_good_file_is_taken_with_columns_in_any_order(seeds: Path, folder: Path) -> None:
    (folder / "prices.csv").write_bytes(
        "\ufeffunit,valid_from, price ,opens,level\r\ncall,2025-01-01, 0.5,24:00,\r\n".encode()
    )
    (folder / "README.md").write_text("Where these come from.")
    assert read_assumptions(folder, seeds) == {
        Path("support/prices.csv"): (HEADER + "2025-01-01,call,0.5,24:00,\n").encode()
    }


def test_file_without_rows_is_taken_where_the_default_has_none(seeds: Path, folder: Path) -> None:
    (folder / "days.csv").write_text("day\n")
    assert read_assumptions(folder, seeds) == {Path("support/days.csv"): b"day\n"}


@pytest.mark.parametrize("name", ["price.csv", "prices.xlsx", "prices.CSV", "support"])
def test_unknown_name_is_refused(seeds: Path, folder: Path, name: str) -> None:
    (folder / name).write_text("")
    with pytest.raises(SettingsError, match=r"they are days\.csv, prices\.csv"):
        read_assumptions(folder, seeds)


def test_wrong_header_empty_and_foreign_files_are_refused(seeds: Path, folder: Path) -> None:
    path = folder / "prices.csv"
    path.write_text("valid_from,unit,cost,opens,level\n" + GOOD)
    with pytest.raises(SettingsError, match="row 1: column price is missing, column 'cost' is un"):
        read_assumptions(folder, seeds)
    path.write_text("valid_from,unit,unit,price,opens,level\n" + GOOD)
    with pytest.raises(SettingsError, match="row 1: column unit is there twice; the header must"):
        read_assumptions(folder, seeds)
    path.write_text("\n\n")
    with pytest.raises(SettingsError, match="is empty"):
        read_assumptions(folder, seeds)
    path.write_bytes("日期,单价\n".encode("gbk"))
    with pytest.raises(SettingsError, match="is not UTF-8"):
        read_assumptions(folder, seeds)


@pytest.mark.parametrize(("mark", "name"), [(";", "semicolons"), ("\t", "tabs")])
@pytest.mark.parametrize("quote", ["", '"'])
def test_another_separator_is_named(
    seeds: Path, folder: Path, mark: str, name: str, quote: str
) -> None:
    columns = [f"{quote}{column}{quote}" for column in HEADER.strip().split(",")]
    (folder / "prices.csv").write_text(mark.join(columns) + "\r\n")
    with pytest.raises(SettingsError, match=f"row 1: {name} separate the columns: use commas"):
        read_assumptions(folder, seeds)


COSTS = (SEEDS / "support/cost_assumptions.csv").read_text()


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (
            "cost_assumptions",
            COSTS + "2026-01-01,USD,1,0,0,0,0.4,0.7,1\n",
            "row 3, column currency: 'USD' is not 'CNY' of row 2; all rows must share one",
        ),
        (
            "cost_assumptions",
            COSTS.replace("CNY", "Yuan"),
            "row 2, column currency: 'Yuan' is not an ISO 4217 code such as CNY",
        ),
        (
            "cost_assumptions",
            COSTS.replace("0.4,0.7", "0.8,0.7"),
            "row 2, column share_needing_human_low: '0.8' is greater than "
            "share_needing_human_base, which is '0.7'",
        ),
        (
            "cost_assumptions",
            COSTS.replace("0.7,1.0", "0.7,0.6"),
            "row 2, column share_needing_human_base: '0.7' is greater than "
            "share_needing_human_high, which is '0.6'",
        ),
        (
            "coding_prices",
            "model,valid_from,currency,input_price_per_million,cached_price_per_million,"
            "output_price_per_million\na,2025-01-01,CNY,1,1,1\nb,2025-01-01,EUR,1,1,1\n",
            "row 3, column currency: 'EUR' is not 'CNY' of row 2",
        ),
        (
            "business_hours",
            "weekday,opens,closes\n1,22:00,06:00\n",
            "row 2, column closes: '06:00' is not later than opens, which is '22:00'",
        ),
        (
            "business_hours",
            "weekday,opens,closes\n1,09:00,09:00\n",
            "row 2, column closes: '09:00' is not later than opens",
        ),
        (
            "business_hours",
            "weekday,opens,closes\n1,13:00,18:00\n2,08:00,24:00\n1,09:00,13:00:01\n",
            "row 2, column opens: '13:00' is before closes of row 4, which is '13:00:01'",
        ),
        (
            "business_hours",
            "weekday,opens,closes\n1,09:00,12:00\n1,09:00:00,18:00\n",
            "row 3, column weekday and opens: '1, 09:00:00' is there twice, first in row 2",
        ),
        (
            "ticket_statuses",
            "status,category\nopen,open\nClosed,resolved\n",
            "column status: 'closed' is in no row; add one",
        ),
        (
            "holidays",
            "holiday_date,name\n2026-01-01,New\0Year\n",
            r"row 2, column name: 'New\x00Year' is not text without control characters",
        ),
    ],
)
def test_a_broken_rule_of_a_seed_is_named(
    folder: Path, name: str, text: str, sentence: str
) -> None:
    path = folder / f"{name}.csv"
    path.write_text(text)
    with pytest.raises(SettingsError, match=re.escape(sentence)) as caught:
        read_assumptions(folder, SEEDS)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cost_assumptions", COSTS.replace("10,0,0,0", "10,0,3e-6,1.2E-05")),
        ("cost_assumptions", COSTS.replace("0.4,0.7,1.0", "1,1,1")),
        ("business_hours", "weekday,opens,closes\n1,13:00,24:00\n1,09:00,13:00\n2,09:00,18:00\n"),
    ],
)
def test_what_meets_the_rules_is_taken(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.csv").write_text(text)
    assert list(read_assumptions(folder, SEEDS).values()) == [text.encode()]


def test_every_seed_of_the_project_fits_its_own_schema(tmp_path: Path) -> None:
    schemas = read_seed_schemas(SEEDS)
    for path in SEEDS.rglob("*.csv"):
        assert path == schemas[path.stem].file
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert len(read_assumptions(tmp_path, SEEDS)) == len(schemas)
