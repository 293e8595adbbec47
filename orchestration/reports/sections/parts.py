"""What sections are put together of: tiles, charts and tables of one month in one language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from orchestration.reports import charts
from orchestration.reports.charts import BLUE, Bar
from orchestration.reports.figures import FIGURES, Figure
from orchestration.reports.marts import Month
from orchestration.reports.vocabulary import name_code
from orchestration.reports.wording import Kind, Language, Number, Text, speak, write_number

# Bars of a chart that has as many as there are names; the rest is in the mart.
BARS = 8
NOTHING = Text("本月没有数据可画。", "There is nothing to draw for this month.")
TOO_FEW_DAYS = Text(
    "有数据的日子不足两天，画不成趋势。",
    "Fewer than two days have data, so there is no trend to draw.",
)


@dataclass(frozen=True)
class Tile:
    """A number of the month, as written, with the one of the month before where comparable."""

    figure: Figure
    value: str
    previous: str | None
    is_known: bool


@dataclass(frozen=True)
class Chart:
    """A drawing, or the sentence that stands in its place; its legend and its mart."""

    title: Text
    mart: str
    svg: str | None
    absent: Text = NOTHING
    legend: Sequence[tuple[str, Text]] = ()


@dataclass(frozen=True)
class Head:
    """The head of a table's column."""

    label: Text
    is_number: bool = True


@dataclass(frozen=True)
class Table:
    """Rows of texts under their heads, from a mart; `absent` stands in the place of none.

    A narrow one stands beside a chart.
    """

    title: Text
    mart: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[str]]
    absent: Text = NOTHING
    is_narrow: bool = False


Column = tuple[Head, Callable[[dict[str, Any]], str]]


@dataclass(frozen=True)
class Section:
    """One reader's part of the page."""

    anchor: str
    title: Text
    sentence: Text | None = None
    notes: Sequence[Text] = ()
    tiles: Sequence[Tile] = ()
    small: Sequence[Tile] = ()
    charts: Sequence[Chart] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True)
class Draft:
    """A month, and the language its charts and tables speak."""

    month: Month
    language: Language

    @property
    def is_of_all_sites(self) -> bool:
        """Whether marts that do not know sites may be shown."""
        return self.month.site is None

    def value(self, column: str) -> Number | None:
        """Give a figure's number."""
        return self.month.values[FIGURES[column].key]

    def has_any(self, *columns: str) -> bool:
        """Say whether any of these counts is known and not 0."""
        return any(self.value(column) for column in columns)

    def write(self, column: str, value: Number | None) -> str:
        """Write a value as the figure of this column is written."""
        return write_number(value, FIGURES[column].kind, self.month.currency)

    def tile(self, column: str) -> Tile:
        """Give a figure with its number, and the month before's where the two compare."""
        case = self.month.case
        value = self.value(column)
        before = case.get(f"previous_{column}")
        is_shown = self.is_of_all_sites and case["is_comparable"] and before is not None
        return Tile(
            FIGURES[column],
            self.write(column, value),
            self.write(column, before) if is_shown else None,
            value is not None,
        )

    def tiles(self, *columns: str) -> list[Tile]:
        """Give several; none where not one is known, as dashes say nothing."""
        tiles = [self.tile(column) for column in columns]
        return tiles if any(tile.is_known for tile in tiles) else []

    def sentence(self, name: str) -> Text | None:
        """Give the mart's sentence; a site has none."""
        case = self.month.case
        return Text(case[f"{name}_zh"], case[f"{name}_en"]) if self.is_of_all_sites else None

    def say(self, text: Text) -> str:
        """Say it in the page's language or languages, on one line."""
        return speak(text, self.language)

    def name(self, code: object) -> str:
        """Give the word for a code that events carry."""
        return self.say(name_code(str(code)))

    def bar(self, column: str, colour: str) -> Bar:
        """Give the bar of a figure."""
        value = self.value(column)
        label = self.say(FIGURES[column].label)
        return Bar(label, [(float(value or 0), colour)], self.write(column, value))

    def rank(self, frame: pd.DataFrame, name: str, count: str) -> str | None:
        """Draw the most frequent of a frame's names; None without any."""
        if frame.empty:
            return None
        ranked = frame[frame[count] > 0].sort_values([count, name], ascending=[False, True])
        return charts.draw_bars(
            [
                Bar(
                    self.name(row[name]),
                    [(float(row[count]), BLUE)],
                    write_number(row[count], "count"),
                )
                for row in ranked.head(BARS).to_dict("records")
            ]
        )


def tell(label: Text, write: Callable[[dict[str, Any]], str]) -> Column:
    """Give the column of a table that tells something of a row in words."""
    return Head(label, is_number=False), write


def number(label: Text, name: str, kind: Kind) -> Column:
    """Give the column of a table that writes the number `name` of a row, which is no amount."""
    return Head(label), lambda row: write_number(_known(row[name]), kind)


def tabulate(title: Text, mart: str, columns: Sequence[Column], rows: pd.DataFrame) -> Table:
    """Give the table of the frame's rows."""
    records = [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]
    written = [[write(row) for _, write in columns] for row in records]
    return Table(title, mart, [head for head, _ in columns], written)


def trend(
    draft: Draft,
    title: Text,
    columns: dict[str, str],
    scale: tuple[float, str],
    legend: Sequence[tuple[str, Text]],
) -> Chart:
    """Draw daily columns divided by a unit, in a d3 format: `scale` is both."""
    days = draft.month.days
    svg = charts.draw_lines(days, {} if days.empty else columns, *scale)
    return Chart(title, "support_kpis_daily", svg, TOO_FEW_DAYS, legend)


def _known(value: Any) -> Number | None:
    """Give a cell of a frame; pandas has NaN for NULL."""
    return None if pd.isna(value) else value
