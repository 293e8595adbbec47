"""The pages of the sources name tables and columns that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "dbt_project" / "models"


def columns_by_model() -> dict[str, set[str]]:
    """Columns of every fact and mart, by its name, as its contract says."""
    columns: dict[str, set[str]] = {}
    for layer in ("facts", "marts"):
        for path in (MODELS / layer).glob("*/*.yml"):
            for model in yaml.safe_load(path.read_text()).get("models", []):
                columns[model["name"]] = {column["name"] for column in model["columns"]}
    return columns


def test_every_field_of_the_back_office_leads_to_a_column() -> None:
    columns = columns_by_model()
    page = (ROOT / "docs" / "ai_admin.md").read_text()
    cells = [line.split("|")[3] for line in page.splitlines() if line.count("|") == 4]
    places = [cell for cell in cells if "`" in cell and "casebook dev" not in cell]
    assert len(places) > 20
    for cell in places:
        names = re.findall(r"`(\w+)(?:\.(\w+))?`", cell)
        model = names[0][0]
        assert model in columns, cell
        for name, column in names:
            wanted = column or name
            assert wanted in columns[model] or wanted in columns, f"{cell}: {wanted}"


@pytest.mark.parametrize("page", ["ai_admin", "coze_studio"])
def test_every_mart_of_a_source_is_on_its_page_and_no_other(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text()
    marts = {path.stem for path in (MODELS / "marts" / page).glob("*.sql")}
    short = {name.replace("_weekly", "_daily") for name in marts}
    assert {name for name in short if name not in text} == set()


@pytest.mark.parametrize("page", ["ai_admin", "coze_studio"])
def test_every_seed_a_page_names_exists(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text()
    seeds = {path.stem for path in (ROOT / "dbt_project" / "seeds" / page).glob("*.csv")}
    assert {seed for seed in seeds if f"`{seed}`" not in text} == set()
