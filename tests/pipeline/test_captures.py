"""Captures of real clients against the clients' own figures: `make check-captures CAPTURES=dir`.

`CASEBOOK_CAPTURES` is a folder with `qwen_code/` and `coze_studio/`, or with files of the coding
agent only. Beside an outfile `x.log` may lie what the client printed, `x.result.json`.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

from tests.pipeline.test_coze_studio_incremental import MODELS as STUDIO_MODELS
from tests.pipeline.test_qwen_code import MODELS, stats_of
from tests.property.warehouses import keyed

if TYPE_CHECKING:
    from raw_loaders.load_reports import LoadReport
    from tests.oracle.rows import Row
    from tests.pipeline.conftest import WarehouseFactory
    from tests.property.warehouses import Warehouse

CAPTURES = os.environ.get("CASEBOOK_CAPTURES", "")
RESULT = ".result.json"
SOURCES = ("qwen_code", "coze_studio")

pytestmark = [
    pytest.mark.torture,
    pytest.mark.skipif(not CAPTURES, reason="CASEBOOK_CAPTURES names no folder"),
]


def copy_captures(landing: Path) -> dict[str, dict[str, Any]]:
    """Put the captures where they land; give the client's own figures by the outfile's path."""
    root = Path(CAPTURES)
    figures: dict[str, dict[str, Any]] = {}
    for source in SOURCES:
        folder = root / source
        if source == "qwen_code" and not folder.is_dir():
            folder = root
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.name == "events.json":
                continue
            name = path.relative_to(folder).as_posix()
            if path.name.endswith(RESULT):
                stats = read_stats(path)
                if stats is not None:
                    figures[f"{source}/{name.removesuffix(RESULT)}.log"] = stats
                continue
            target = landing / source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    return figures


def read_stats(path: Path) -> dict[str, Any] | None:
    """Read what a client printed: an object, or a list of messages of which the last counts."""
    text = path.read_text()
    printed = json.loads(text) if text.strip() else {}
    messages = printed if isinstance(printed, list) else [printed]
    return next((each["stats"] for each in reversed(messages) if "stats" in each), None)


def load(warehouse: Warehouse, source: str) -> LoadReport:
    report = warehouse.load(source)
    assert report.read == report.landed + report.duplicate + report.quarantined.total()
    return report


def sessions_of_objects(warehouse: Warehouse) -> dict[str, set[str]]:
    """Give the sessions whose events each file brought."""
    with warehouse.database.connect() as connection:
        rows = connection.execute(
            "select distinct objects.object, events.session_id"
            " from staging.raw_qwen_code_events as events"
            " inner join staging.loads using (load_id)"
            " inner join staging.objects using (object_id)"
        ).fetchall()
    sessions: dict[str, set[str]] = {}
    for name, session in rows:
        sessions.setdefault(name, set()).add(session)
    return sessions


def differences(session: Row, stats: dict[str, Any]) -> list[str]:
    """Name what differs between a session and what its client says of it."""
    ours = stats_of(session)
    theirs = {
        "models": {
            model: {part: figures[part] for part in ("api", "tokens")}
            for model, figures in stats["models"].items()
        },
        "tools": stats["tools"]["byName"],
        "files": stats["files"],
    }
    # Newer clients do not tell tokens of tools apart.
    for figures in ours["models"].values():
        figures["tokens"] = {
            kind: count
            for kind, count in figures["tokens"].items()
            if kind != "tool" or all("tool" in m["tokens"] for m in theirs["models"].values())
        }
    return [part for part in theirs if ours[part] != theirs[part]]


def test_captures_land_whole_and_sessions_equal_the_clients_figures(
    new_warehouse: WarehouseFactory,
) -> None:
    warehouse = new_warehouse("captures")
    figures = copy_captures(Path(warehouse.settings.landing))
    for source in SOURCES:
        report = load(warehouse, source)
        click.echo(
            f"{source}: {report.read} read, {report.landed} landed, {report.duplicate} duplicates, "
            f"{dict(report.quarantined)} in quarantine, {report.objects_waiting} files waiting"
        )
        again = load(warehouse, source)
        assert (again.read, again.landed) == (0, 0), f"{source} landed something twice"
    warehouse.build(only=(*MODELS, *(model for model in STUDIO_MODELS if model not in MODELS)))
    sessions = keyed(warehouse.rows("facts", "fct_coding_sessions"), "session_id")
    brought = sessions_of_objects(warehouse)
    wrong: dict[str, list[str]] = {}
    for name, stats in figures.items():
        (session,) = brought[name]
        found = differences(sessions[session,], stats)
        if found:
            wrong[name] = found
    click.echo(
        f"{len(figures) - len(wrong)} of {len(figures)} sessions equal their client's figures"
    )
    told = [row["is_reported_disagreement"] for row in sessions.values()]
    click.echo(
        f"{told.count(False)} of {len(told) - told.count(None)} sessions equal their own metrics"
    )
    assert wrong == {}
