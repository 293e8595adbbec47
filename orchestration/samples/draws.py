"""Seeded draws from the centre's tables."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from math import log
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

T = TypeVar("T")


class Choice(Generic[T]):
    """A weighted choice; several times as fast as `Random.choices` for one draw."""

    def __init__(self, weighted: Sequence[tuple[T, float]]) -> None:
        self._values = [value for value, _ in weighted]
        self._bounds = list(accumulate(weight for _, weight in weighted))
        self._total = self._bounds[-1]

    def draw(self, rng: Random) -> T:
        """Give one of the values."""
        return self._values[bisect_right(self._bounds, rng.random() * self._total)]


def spread(rng: Random, median: float, sigma: float = 0.6) -> float:
    """Draw a duration as people produce them: log-normal, many short and a few long."""
    return rng.lognormvariate(log(median), sigma)


def count(rng: Random, mean: float) -> int:
    """Draw how many independent things happen when `mean` are expected."""
    return max(0, round(rng.gauss(mean, mean**0.5) if mean > 1 else rng.random() + mean - 0.5))


def name_of(rng: Random) -> str:
    """Draw an identifier of 128 bits, hex."""
    return f"{rng.getrandbits(128):032x}"
