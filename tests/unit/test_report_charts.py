"""Charts and numbers of the report page, without a database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pandas as pd
import pytest

from orchestration.reports.charts import BLUE, Bar, draw_bars, draw_days, draw_hours, draw_lines
from orchestration.reports.wording import Kind, write_number

WEEKDAYS = ["一", "二", "三", "四", "五", "六", "日"]
HOSTILE = '</text></svg><script>alert("1")</script>&amp;中文'


@pytest.mark.parametrize(
    ("value", "kind", "written"),
    [
        (None, "rate", "–"),
        (5000, "count", "5,000"),
        (Decimal("0.85"), "rate", "85%"),
        (Decimal("0.7299"), "rate", "73%"),
        (Decimal("0.0003"), "rate", "0.03%"),
        (0, "rate", "0%"),
        (1250.0, "ms", "1.3 s"),
        (49.4, "seconds", "49 s"),
        (119.4, "seconds", "119 s"),
        (142.0, "seconds", "2.4 min"),
        (7200, "seconds", "2.0 h"),
        (Decimal("-0.4"), "amount", "CNY 0"),
        (Decimal("0.000020"), "price", "CNY 0.00002"),
    ],
)
def test_number_is_written_as_people_read_it(
    value: int | float | Decimal | None, kind: Kind, written: str
) -> None:
    assert write_number(value, kind, "CNY") == written


def test_hostile_label_stays_text_in_svg() -> None:
    svg = draw_bars([Bar(HOSTILE, [(3, BLUE)], "3")])
    assert svg is not None
    assert "<script" not in svg
    words = [node.text for node in ElementTree.fromstring(svg).iter() if node.text]  # noqa: S314
    assert any(word.startswith('</text></svg><script>alert("1")') for word in words)


def test_nothing_is_drawn_of_nothing() -> None:
    one = pd.DataFrame([{"period_start": date(2025, 12, 1), "a": 1.0}])
    unknown = pd.DataFrame([{"period_start": date(2025, 12, day), "a": None} for day in (1, 2)])
    assert draw_bars([]) is None
    assert draw_bars([Bar("a", [(0, BLUE)], "0")]) is None
    assert draw_lines(one, {"a": BLUE}, 1, ",.0f") is None
    assert draw_lines(unknown, {"a": BLUE}, 1, ",.0f") is None
    assert draw_days(one, {"a": BLUE}) is None
    assert draw_hours(pd.DataFrame(), WEEKDAYS) is None


def test_chart_has_no_ids_that_meet_on_one_page() -> None:
    svg = draw_hours(pd.DataFrame([{"weekday": 1, "hour": 0, "sessions": 2}]), WEEKDAYS)
    assert svg is not None
    assert " id=" not in svg
    assert "http" not in svg.replace("http://www.w3.org/", "")
