"""`make audit`: its judgement of licences and of the advisory service's answers."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "audit.py"
spec = importlib.util.spec_from_file_location("audit", SCRIPT)
assert spec is not None
assert spec.loader is not None
audit = importlib.util.module_from_spec(spec)
spec.loader.exec_module(audit)


@pytest.mark.parametrize(
    ("licence", "is_allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 AND MIT", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("Artistic License; GNU General Public License (GPL)", True),
        ("MIT AND AGPL-3.0", False),
        ("GPL-3.0-only", False),
        ("GPL-3.0-only AND (MIT OR BSD)", False),
        ("UNKNOWN", False),
    ],
)
def test_licences_are_allowed_by_name(licence: str, is_allowed: bool) -> None:
    assert audit.is_allowed(licence) == is_allowed


def test_all_that_is_installed_may_be_used() -> None:
    assert audit.find_unfit(audit.list_licences()) == []


def test_an_unreachable_service_is_no_clean_audit() -> None:
    skipped = {"dependencies": [{"name": "yarl", "skip_reason": "not found"}]}
    for report in ("", "not json", json.dumps(skipped)):
        assert "cannot be reached" in audit.judge_advisories(report)


def test_vulnerabilities_are_named() -> None:
    package = {"name": "p", "version": "1", "vulns": [{"id": "CVE-1"}]}
    assert "p 1: CVE-1" in audit.judge_advisories(json.dumps({"dependencies": [package]}))
    clean = {"name": "p", "version": "1", "vulns": []}
    assert audit.judge_advisories(json.dumps({"dependencies": [clean]})) is None
