"""Writes the page: one HTML text, every value escaped, nothing fetched from anywhere."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from orchestration.reports.changes import History
from orchestration.reports.figures import Figure
from orchestration.reports.marts import Month
from orchestration.reports.sections import arrange
from orchestration.reports.wording import Language, Text, write_number

DIRECTORY = Path(__file__).parent


def render_page(month: Month, history: History, language: Language) -> str:
    """Give the page's HTML; the same month, history and language give the same bytes."""
    environment = Environment(
        loader=FileSystemLoader(DIRECTORY),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sections = arrange(month, language)
    shown = [tile.figure for section in sections for tile in (*section.tiles, *section.small)]
    zone = ZoneInfo(month.build.business_timezone)
    template = environment.get_template("page.html.j2")
    return template.render(
        css=Markup((DIRECTORY / "page.css").read_text(encoding="utf-8")),  # noqa: S704 - our file
        languages=("zh", "en") if language == "both" else (language,),
        month=month,
        title=_title(month),
        sections=sections,
        figures=list(dict.fromkeys(shown)),
        mart_of=lambda figure: _mart(figure, month),
        # Descriptions are Markdown; the page shows them as text.
        definition_of=lambda figure: month.definitions.get(figure.key, "").replace("`", ""),
        svg=Markup,  # vega escapes what it draws
        changes=history.changes,
        write=lambda figure, value: write_number(value, figure.kind, month.currency),
        history=history,
        local=lambda moment: _local(moment, zone),
    )


def _title(month: Month) -> Text:
    return Text(
        f"{month.start.year} 年 {month.start.month} 月", f"{month.start:%B} {month.start.year}"
    )


def _mart(figure: Figure, month: Month) -> str:
    """Name the mart a figure was read from, which is another on a site's page."""
    is_by_site = month.site is not None and figure.mart.startswith("support_kpis")
    return f"{figure.mart}_by_site" if is_by_site else figure.mart


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return "–" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
