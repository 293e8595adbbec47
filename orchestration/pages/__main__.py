"""Write the pages into docs/ of this checkout."""

from __future__ import annotations

import json

from orchestration.dbt_runs import PROJECT
from orchestration.manifests import prepare_manifest
from orchestration.pages.commands import format_commands
from orchestration.pages.data_model import format_data_model
from orchestration.pages.metrics import format_metrics
from orchestration.settings import load_settings

DOCS = PROJECT / "docs"


def write_pages() -> None:
    """Write each page anew."""
    manifest = json.loads(prepare_manifest(load_settings()).read_bytes())
    (DOCS / "metrics.md").write_text(format_metrics(manifest, DOCS / "decisions"))
    (DOCS / "cli.md").write_text(format_commands())
    (DOCS / "data_model.md").write_text(format_data_model(manifest))


if __name__ == "__main__":
    write_pages()
