"""The days of `casebook build --from --to`, as a person gives them."""

from __future__ import annotations

import pytest

from orchestration.rebuilt_days import read_days
from raw_loaders.errors import SettingsError


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        ("2025-12-01", None, "From 2025-12-01 to nothing: both must be dates"),
        (None, "yesterday", "From nothing to yesterday: both must be dates"),
        ("2025-12-02", "2025-12-01", "2025-12-02 is after 2025-12-01"),
    ],
)
def test_days_given_wrongly_are_told(first: str | None, last: str | None, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        read_days(first, last)
