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


def test_warehouses_of_samples_are_as_expected(
    new_warehouse: WarehouseFactory, tmp_path: Path
) -> None:
    landings = [path for path in sorted(Path(SAMPLES).resolve().glob("*/landing")) if path.is_dir()]
    expected = {path: sorted(path.parent.glob("*expected*.json*")) for path in landings}
    assert any(expected.values()), f"{SAMPLES} has no folder with landing/ and *expected*.json"
    assert Path(COMPARE).is_file(), f"COMPARE={COMPARE} is no program: give its path"
    wrong = []
    for landing in filter(expected.get, landings):
        warehouse = new_warehouse("samples", LANDING=str(landing))
        for source in sorted(path.name for path in landing.iterdir() if path.is_dir()):
            warehouse.load(source)
        warehouse.build()
        for path in expected[landing]:
            plain = tmp_path / "expected.json"
            content = path.read_bytes()
            plain.write_bytes(gzip.decompress(content) if path.suffix == ".gz" else content)
            compared = subprocess.run(
                [sys.executable, COMPARE, warehouse.database.url, str(plain)],
                stdout=subprocess.PIPE,
                text=True,
                check=False,
            )
            *_, last = ["says nothing", *compared.stdout.splitlines()]
            click.echo(f"{path}: {last}")
            if compared.returncode != 0:
                wrong.append(f"{path}:\n{compared.stdout}")
    assert not wrong, "\n".join(wrong)
