"""Charts as inline SVG: one idea each, no script, nothing that needs a font to be measured.

Labels that hold words stand left-aligned on a line of their own above their bar, and legends are
HTML, so the width of a Chinese label never decides where something is drawn. Only digits stand
on axes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import altair as alt
import pandas as pd
import vl_convert

# Width of a chart in its own units; the page scales it to its column.
WIDTH = 380
INK, MUTED, GRID = "#1e293b", "#64748b", "#e2e8f0"
BLUE, LIGHT, AMBER, YELLOW, GREY = "#2563eb", "#93c5fd", "#b45309", "#f59e0b", "#cbd5e1"
FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif"
ROW_HEIGHT, BAR_TOP, BAR_HEIGHT = 37, 21, 10
# In columns of a Latin letter, two for a Chinese one: what fits the width at 12 px.
LABEL_COLUMNS = 44
# Fewer points make no line.
LEAST_POINTS = 2
# As many labels as stand side by side; more days have one a week.
DAYS_NAMED = 6
HOURS = 24


class Bar(NamedTuple):
    """One bar: its label, its parts from left to right with their colours, its number."""

    label: str
    parts: Sequence[tuple[float, str]]
    number: str


def draw_bars(bars: Sequence[Bar]) -> str | None:
    """Draw horizontal bars below their labels; None without anything to show."""
    greatest = max((sum(value for value, _ in bar.parts) for bar in bars), default=0)
    if greatest <= 0:
        return None
    rects, labels = [], []
    for row, bar in enumerate(bars):
        top = row * ROW_HEIGHT + BAR_TOP
        at = 0.0
        for value, colour in bar.parts:
            # A loss is not drawn to the left: its number says it.
            width = max(value, 0.0) / greatest * WIDTH
            rects.append({"x": at, "x2": at + width, "y": top, "y2": top + BAR_HEIGHT, "c": colour})
            at += width
        labels.append(
            {"label": shorten(bar.label), "number": bar.number, "x": 0, "end": WIDTH, "y": top - 9}
        )
    height = len(bars) * ROW_HEIGHT
    texts = _chart(labels)
    word = texts.mark_text(align="left", fontSize=12, color=INK).encode(
        x=_pixel("x"), y=_pixel("y"), text="label:N"
    )
    number = texts.mark_text(align="right", fontSize=12, color=INK, fontWeight=600).encode(
        x=_pixel("end"), y=_pixel("y"), text="number:N"
    )
    drawn = (
        _chart(rects)
        .mark_rect(cornerRadius=1)
        .encode(x=_pixel("x"), x2="x2", y=_pixel("y"), y2="y2", color=alt.Color("c:N", scale=None))
    )
    return _svg(alt.layer(drawn, word, number), height, left=0, bottom=0)


def draw_lines(
    days: pd.DataFrame, columns: Mapping[str, str], unit: float, form: str
) -> str | None:
    """Draw a line for each column with its colour over the days; None below two known days.

    Values are divided by `unit`; `form` is their d3 format.
    """
    rows = [
        {"day": _day(day["period_start"]), "value": float(day[column]) / unit, "c": colour}
        for column, colour in columns.items()
        for day in _records(days)
        if pd.notna(day[column])
    ]
    if len({row["day"] for row in rows}) < LEAST_POINTS:
        return None
    chart = (
        _chart(rows)
        .mark_line(point=alt.OverlayMarkDef(size=18), strokeWidth=2)
        .encode(x=_days(days), y=_amounts("value", form), color=alt.Color("c:N", scale=None))
    )
    return _svg(chart, 160)


def draw_days(days: pd.DataFrame, columns: Mapping[str, str]) -> str | None:
    """Draw a stacked bar for each day; None below two days with anything."""
    rows = [
        {"day": _day(day["period_start"]), "value": float(day[column]), "c": colour, "order": order}
        for order, (column, colour) in enumerate(columns.items())
        for day in _records(days)
    ]
    if len({row["day"] for row in rows if float(str(row["value"])) > 0}) < LEAST_POINTS:
        return None
    chart = (
        _chart(rows)
        .mark_bar(width=alt.RelativeBandSize(0.7))
        .encode(
            x=_days(days),
            y=_amounts("value", ",.0f"),
            color=alt.Color("c:N", scale=None),
            order="order:Q",
        )
    )
    return _svg(chart, 160)


def draw_hours(hours: pd.DataFrame, weekdays: Sequence[str]) -> str | None:
    """Draw weekdays, from Monday on, by hours: the darker the more sessions; None without any."""
    counts = {(row["weekday"], row["hour"]): row["sessions"] for row in _records(hours)}
    greatest = max(counts.values(), default=0)
    if greatest == 0:
        return None
    left, cell, high = 48, (WIDTH - 48) / HOURS, 20
    cells = [
        {
            "x": left + hour * cell + 0.5,
            "x2": left + (hour + 1) * cell - 0.5,
            "y": (weekday - 1) * high + 0.5,
            "y2": weekday * high - 0.5,
            "share": counts.get((weekday, hour), 0) / greatest,
        }
        for weekday in range(1, 8)
        for hour in range(HOURS)
    ]
    marks = [{"x": 2, "y": row * high + high / 2, "t": day} for row, day in enumerate(weekdays)]
    ticks = [
        {"x": left + (hour + 0.5) * cell, "y": 7 * high + 11, "t": str(hour)}
        for hour in range(0, HOURS, 3)
    ]
    shade = alt.Color(
        "share:Q", scale=alt.Scale(domain=[0, 1], range=["#f1f5f9", "#1e40af"]), legend=None
    )
    drawn = (
        _chart(cells)
        .mark_rect(cornerRadius=2)
        .encode(x=_pixel("x"), x2="x2", y=_pixel("y"), y2="y2", color=shade)
    )
    words = [
        _chart(rows)
        .mark_text(align=align, fontSize=11, color=MUTED, baseline="middle")
        .encode(x=_pixel("x"), y=_pixel("y"), text="t:N")
        for rows, align in ((marks, "left"), (ticks, "center"))
    ]
    return _svg(alt.layer(drawn, *words), 7 * high + 20, left=0, bottom=0)


def shorten(label: str) -> str:
    """Cut a label to one line of the chart; control characters become spaces."""
    kept, columns = "", 0
    for letter in label:
        columns += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if columns > LABEL_COLUMNS:
            return kept + "…"
        kept += " " if unicodedata.category(letter).startswith("C") else letter
    return kept


def _chart(rows: list[dict[str, Any]]) -> Any:
    return alt.Chart(alt.InlineData(values=rows))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _pixel(name: str) -> Any:
    return (alt.X if name.startswith(("x", "end")) else alt.Y)(f"{name}:Q", scale=None, axis=None)


def _day(day: Any) -> str:
    return f"{day:%m-%d}"


def _days(days: pd.DataFrame) -> alt.X:
    """Give an axis of all days of the frame: a label each day of a few, else each week."""
    names = [_day(day) for day in days["period_start"]]
    step = 1 if len(names) <= DAYS_NAMED else 7
    axis = alt.Axis(
        title=None, grid=False, values=names[::step], labelAngle=0, domainColor=GREY, ticks=False,
        labelPadding=8,
    )  # fmt: skip
    return alt.X("day:O", scale=alt.Scale(domain=names, padding=0.1), axis=axis)


def _amounts(column: str, form: str) -> alt.Y:
    axis = alt.Axis(
        title=None, format=form, tickCount=4, domain=False, ticks=False, gridColor=GRID,
        minExtent=40, maxExtent=40,
    )  # fmt: skip
    return alt.Y(f"{column}:Q", axis=axis, scale=alt.Scale(zero=True, nice=True))


def _svg(chart: Any, height: int, *, left: int = 44, bottom: int = 28) -> str:
    """Give the chart as an SVG that scales with its column; no ids, no sizes of its own."""
    top, right = 8, 0 if left == 0 else 10
    spec = (
        chart.properties(
            width=WIDTH - left - right,
            height=height,
            autosize=alt.AutoSizeParams(type="none"),
            padding={"left": left, "right": right, "top": top, "bottom": bottom},
        )
        .configure(font=FONT, aria=False, background="transparent")
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=11, labelColor=MUTED, labelLimit=0, labelFont=FONT)
        .configure_text(font=FONT)
        .to_dict()
    )
    svg = str(vl_convert.vegalite_to_svg(spec))
    svg = re.sub(r'^<svg ([^>]*?)width="[\d.]+" height="[\d.]+"', r"<svg \1", svg, count=1)
    return svg.replace("<svg ", '<svg role="img" ', 1)
