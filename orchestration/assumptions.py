"""A company's own figures: CSV files that stand in for the seeds of the same name.

dbt reads its seeds from one folder, so the project's and the company's are laid over each
other in a copy below the home. Everything is checked before anything starts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from orchestration.dbt_runs import SEEDS
from orchestration.seed_rules import SeedRow
from orchestration.seed_schemas import SeedSchema, read_seed_schemas
from orchestration.settings import Settings
from raw_loaders.errors import SettingsError

# Beside the CSV files there may be notes.
IGNORED_SUFFIXES = frozenset({".md", ".txt"})


def check_assumptions(settings: Settings) -> None:
    """Raise `SettingsError` naming file, row and column if an assumption is wrong."""
    if settings.assumptions is not None:
        read_assumptions(settings.assumptions, SEEDS)


def seeds_in_force(settings: Settings) -> Path:
    """Give the folder dbt reads its seeds from: the project's, or a copy with the company's.

    Call it while holding the build lock, as the copy is rewritten where it differs. Raises
    `SettingsError` as `check_assumptions` does.
    """
    if settings.assumptions is None:
        return SEEDS
    wanted = {
        path.relative_to(SEEDS): path.read_bytes()
        for path in SEEDS.rglob("*")
        if path.suffix in {".csv", ".yml"}
    } | read_assumptions(settings.assumptions, SEEDS)
    overlay = settings.home / "dbt" / "seeds"
    for path in [path for path in overlay.rglob("*") if path.is_file()]:
        if path.relative_to(overlay) not in wanted:
            path.unlink()
    for name, content in wanted.items():
        path = overlay / name
        # An unchanged file keeps its time, so that dbt need not read it again.
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return overlay


def read_assumptions(folder: Path, seeds: Path) -> dict[Path, bytes]:
    """Read and check the CSV files in `folder`: path below `seeds` and content for dbt.

    Raises `SettingsError`: one sentence that names the file, row and column.
    """
    schemas = read_seed_schemas(seeds)
    contents = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix.lower() in IGNORED_SUFFIXES:
            continue
        schema = schemas.get(path.stem) if path.suffix == ".csv" else None
        if schema is None:
            known = ", ".join(f"{name}.csv" for name in sorted(schemas))
            raise SettingsError(f"{path} is not the name of an assumption; they are {known}.")
        contents[schema.file.relative_to(seeds)] = _read_assumption(path, schema)
    return contents


def _read_assumption(path: Path, schema: SeedSchema) -> bytes:
    """Give the file's rows as dbt shall read them: columns in order, cells stripped."""
    (_, header), *lines = _read_rows(path)
    names = [column.name for column in schema.columns]
    if wrong := _wrong_header(header, names):
        raise SettingsError(f"{path}, row 1: {wrong}; the header must be {','.join(names)}.")
    if not lines and len(_read_rows(schema.file)) > 1:
        raise SettingsError(f"{path} has no rows: add some, or remove it to keep the defaults.")
    rows = [_read_row(path, schema, number, header, cells) for number, cells in lines]
    for rule in schema.rules:
        if broken := rule.check(rows):
            raise SettingsError(f"{path}, {broken}.")
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([row.cells[name] for name in names] for row in rows)
    return output.getvalue().encode()


def _wrong_header(header: Sequence[str], names: Sequence[str]) -> str:
    """Say which columns are missing, unknown or there twice; nothing when none is."""
    missing = [name for name in names if name not in header]
    unknown = [name for name in header if name not in names]
    twice = [name for name in names if header.count(name) > 1]
    wrong = [f"column {name} is missing" for name in missing]
    wrong += [f"column {name!r} is unknown" for name in unknown]
    wrong += [f"column {name} is there twice" for name in twice]
    return ", ".join(wrong)


def _read_row(
    path: Path, schema: SeedSchema, number: int, header: Sequence[str], cells: Sequence[str]
) -> SeedRow:
    if len(cells) != len(header):
        raise SettingsError(
            f"{path}, row {number}: it has {len(cells)} cells where the header has {len(header)}."
        )
    row = dict(zip(header, cells, strict=True))
    for column in schema.columns:
        if wrong := column.check(row[column.name]):
            raise SettingsError(
                f"{path}, row {number}, column {column.name}: {row[column.name]!r} {wrong}."
            )
    values = {c.name: c.read(row[c.name]) for c in schema.columns if row[c.name]}
    return SeedRow(number=number, cells=row, values=values)


def _read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Read a CSV file as (line number, stripped cells), without blank lines."""
    try:
        # Spreadsheet programs put a byte order mark in front.
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8: save it as CSV in UTF-8.") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    first = text.lstrip("\r\n").partition("\n")[0]
    for mark, name in ((";", "semicolons"), ("\t", "tabs")):
        if mark in first and "," not in first:
            raise SettingsError(f"{path}, row 1: {name} separate the columns: use commas.")
    try:
        rows = list(_numbered_rows(text))
    except csv.Error as error:
        raise SettingsError(f"{path} is not a CSV file: {error}.") from error
    if not rows:
        raise SettingsError(f"{path} is empty: remove it to keep the defaults.")
    return rows


def _numbered_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    for cells in reader:
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield reader.line_num, stripped
