"""Documents that would otherwise go stale unseen."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[\[<>=~]", requirement)[0] for requirement in wanted}
    tables = [line.split("|") for line in (ROOT / "docs/dependencies.md").read_text().splitlines()]
    explained = {name.strip() for row in tables if len(row) > 3 for name in row[1].split(",")}
    assert explained - {"package", "---"} == names


def test_links_of_the_documents_lead_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text())
        if not (document.parent / target).exists()
    ]
    assert broken == []
