"""What a load tells."""

from __future__ import annotations

import pytest

from raw_loaders.errors import ObjectError
from raw_loaders.load_reports import MAX_NAMED, LoadReport, raise_failures


def test_every_object_that_was_not_read_is_named() -> None:
    """The second broken file was a number."""
    reports = [LoadReport(source="a", failed=["one.", "two."]), LoadReport(source="b")]
    with pytest.raises(ObjectError, match=r"^one\.\ntwo\.$"):
        raise_failures(reports)
    raise_failures([LoadReport(source="a")])
    many = LoadReport(source="a", failed=[f"{n}." for n in range(MAX_NAMED + 3)])
    with pytest.raises(ObjectError, match=r"\n19\.\n3 more could not be read\.$"):
        raise_failures([many])
