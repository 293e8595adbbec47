"""Texts in two languages, and numbers as people read them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple

Number = int | float | Decimal
Kind = Literal["count", "rate", "ms", "seconds", "hours", "amount", "price", "decimal"]
Language = Literal["zh", "en", "both"]
ABSENT = "–"
SMALL_RATE = Decimal("0.01")
# Seconds from which a duration is told in minutes, and in hours; the mart's sentences, by
# as_duration_zh and as_duration_en, do the same.
MINUTES_FROM = 120
HOURS_FROM = 7200


class Text(NamedTuple):
    """The same said in Chinese and in English."""

    zh: str
    en: str


def speak(text: Text, language: Language) -> str:
    """Say it in a language, or in both on one line, once where they are the same."""
    if language == "both":
        return text.zh if text.zh == text.en else f"{text.zh} {text.en}"
    return text.zh if language == "zh" else text.en


def write_number(value: Number | None, kind: Kind, currency: str | None = None) -> str:  # noqa: PLR0911
    """Write a value of a mart in the unit people think in; a dash where it is not known."""
    if value is None:
        return ABSENT
    exact = Decimal(str(value))
    if kind == "count":
        return f"{_rounded(exact, 0):,}"
    if kind == "rate":
        return _write_rate(exact)
    if kind == "ms":
        return f"{_rounded(exact / 1000, 1):,} s"
    if kind == "seconds":
        if exact >= HOURS_FROM:
            return f"{_rounded(exact / 3600, 1):,} h"
        if exact >= MINUTES_FROM:
            return f"{_rounded(exact / 60, 1):,} min"
        return f"{_rounded(exact, 0):,} s"
    if kind == "hours":
        return f"{_rounded(exact, 1):,} h"
    if kind == "amount":
        return f"{currency or ''} {_rounded(exact, 0):,}".strip()
    if kind == "price":
        return f"{currency or ''} {exact.normalize():,f}".strip()
    return f"{_rounded(exact, 2):,}"


def _write_rate(rate: Decimal) -> str:
    percent = 100 * rate
    # A loss of 0.03 % must not read as none.
    places = 3 if 0 < abs(rate) < SMALL_RATE else 1
    text = f"{_rounded(percent, places):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "%"


def _rounded(value: Decimal, places: int) -> Decimal:
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded
