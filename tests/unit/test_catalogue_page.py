"""The catalogue page is the one that the catalogues give."""

from __future__ import annotations

from pathlib import Path

from raw_loaders.catalogue_page import format_page

PAGE = Path(__file__).parents[2] / "docs" / "catalogue.md"


def test_the_catalogue_page_is_as_generated() -> None:
    assert format_page() == PAGE.read_text(), "run python -m raw_loaders.catalogue_page"


def test_the_catalogue_page_has_every_source_and_union() -> None:
    page = PAGE.read_text()
    for source in ("support", "qwen_code", "ai_admin", "coze_studio"):
        assert f"## `{source}`: " in page
    assert page.count("One of 2 shapes") + page.count("One of 3 shapes") == 3
