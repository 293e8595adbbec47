"""Samples against what is expected of them: `make check-samples SAMPLES=dir COMPARE=program`.

Each folder of `CASEBOOK_SAMPLES` with `landing/` and `*expected*.json`, or that as `.gz`, is a
sample. `CASEBOOK_SAMPLES_COMPARE` is a Python program that takes the URL of a warehouse and the
expectation, says on its last line how far they agree, and ends with 0 when they do.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

if TYPE_CHECKING:
    from tests.pipeline.conftest import WarehouseFactory

SAMPLES = os.environ.get("CASEBOOK_SAMPLES", "")
COMPARE = os.environ.get("CASEBOOK_SAMPLES_COMPARE", "")

pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(not SAMPLES, reason="CASEBOOK_SAMPLES names no folder"),
]


def find_samples(root: Path) -> dict[Path, list[Path]]:
    """Give the expectations of each sample by its folder."""
    found = {
        landing.parent: sorted(
            path for end in ("json", "json.gz") for path in landing.parent.glob(f"*expected*.{end}")
        )
        for landing in sorted(root.glob("*/landing"))
    }
    return {folder: expectations for folder, expectations in found.items() if expectations}


def test_warehouses_of_samples_are_as_expected(
    new_warehouse: WarehouseFactory, tmp_path: Path
) -> None:
    samples = find_samples(Path(SAMPLES))
    assert samples, f"{SAMPLES} has no folder with landing/ and *expected*.json"
    assert Path(COMPARE).is_file(), f"COMPARE={COMPARE} is no program: give its path"
    wrong = []
    for folder, expectations in samples.items():
        landing = folder.resolve() / "landing"
        warehouse = new_warehouse("samples", LANDING=str(landing))
        for source in sorted(path.name for path in landing.iterdir() if path.is_dir()):
            warehouse.load(source)
        warehouse.build()
        for path in expectations:
            expected = tmp_path / path.name.removesuffix(".gz")
            text = path.read_bytes()
            expected.write_bytes(gzip.decompress(text) if path.suffix == ".gz" else text)
            compared = subprocess.run(
                [sys.executable, COMPARE, warehouse.database.url, str(expected)],
                stdout=subprocess.PIPE,
                text=True,
                check=False,
            )
            lines = compared.stdout.splitlines() or ["nothing was said"]
            click.echo(f"{folder.name}/{path.name}: {lines[-1]}")
            if compared.returncode != 0:
                wrong.append(f"{folder.name}/{path.name}:\n{compared.stdout}")
    assert not wrong, "\n".join(wrong)
