"""A company's own figures: CSV files that stand in for the seeds of the same name.

dbt reads its seeds from one folder, so the project's and the company's are laid over each
other in a copy below the home. Everything is checked before anything starts.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from orchestration.dbt_runs import SEEDS
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
    header, *rows = _read_rows(path)
    names = [column.name for column in schema.columns]
    if sorted(header[1]) != sorted(names):
        raise SettingsError(f"{path}, row 1: the header must be {','.join(names)}.")
    if not rows and len(_read_rows(schema.file)) > 1:
        raise SettingsError(f"{path} has no rows: add some, or remove it to keep the defaults.")
    seen: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(names)
    for number, cells in rows:
        if len(cells) != len(names):
            raise SettingsError(
                f"{path}, row {number}: it has {len(cells)} cells where the header has "
                f"{len(names)}."
            )
        row = dict(zip(header[1], cells, strict=True))
        for column in schema.columns:
            if wrong := column.check(row[column.name]):
                raise SettingsError(
                    f"{path}, row {number}, column {column.name}: {row[column.name]!r} {wrong}."
                )
        for key in schema.keys:
            value = (key, tuple(row[name] for name in key))
            if value in seen:
                raise SettingsError(
                    f"{path}, row {number}, column {' and '.join(key)}: "
                    f"{', '.join(value[1])!r} is there twice."
                )
            seen.add(value)
        writer.writerow([row[name] for name in names])
    return output.getvalue().encode()


def _read_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Read a CSV file as (line number, stripped cells), without blank lines."""
    try:
        # Spreadsheet programs put a byte order mark in front.
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not UTF-8: save it as CSV in UTF-8.") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
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
