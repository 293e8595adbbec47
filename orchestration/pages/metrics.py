"""docs/metrics.md: every mart and number, as the models describe them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from orchestration.pages.models import TITLES, Column, Model, read_models
from raw_loaders.catalogue_page import format_table

HEAD = """\
# Metrics

Written by `make pages` from the descriptions of the models: do not edit.

Each table is a mart, or several that give the same numbers of other periods or parts. The mart
links to the SQL that computes it, a contested number to the [decision](decisions) behind it. A rate
lies between 0 and 1; its numerator and denominator are columns beside it. Which events a number
counts: `casebook trace MART.COLUMN --period 2025-12`.
"""
# Of a number: the statistics that one definition has.
STATISTICS = ("avg", "p50", "p90", "p95")


def format_metrics(manifest: Mapping[str, Any], decisions: Path) -> str:
    """Write the page as Markdown; `decisions` is the folder of the decision records."""
    models = read_models(manifest)
    named = read_named_metrics(decisions)
    marts = [model for model in models.values() if model.layer == "marts"]
    blocks = [HEAD]
    for domain, title in TITLES.items():
        blocks.append(f"## {title}\n")
        of_domain = [mart for mart in marts if mart.domain == domain]
        for group in _group_by_columns(of_domain):
            blocks += _describe(group, models, named)
    return "\n".join(blocks)


def read_named_metrics(decisions: Path) -> dict[str, list[str]]:
    """Give per record the metrics it names in code; `x_*` stands for all that begin so."""
    return {
        path.name: re.findall(r"`(?:\w+\.)?([a-z]+(?:_[a-z0-9]+)+(?:_\*)?)`", path.read_text())
        for path in sorted(decisions.glob("*.md"))
    }


def find_decisions(column: str, named: Mapping[str, Sequence[str]]) -> list[str]:
    """Give the records that name `column`, or the number that it is a statistic of."""
    stem, _, end = column.rpartition("_")
    names = {column, stem} if end in STATISTICS else {column}
    return [
        record
        for record, metrics in named.items()
        if names & set(metrics)
        or any(column.startswith(name[:-1]) for name in metrics if name.endswith("*"))
    ]


def _group_by_columns(marts: Sequence[Model]) -> list[list[Model]]:
    ordered = sorted(marts, key=_numbers)
    groups = [list(group) for _, group in groupby(ordered, key=_numbers)]
    return sorted(groups, key=lambda group: group[0].name)


def _numbers(mart: Model) -> list[tuple[str, str]]:
    return sorted((c.name, c.description) for c in mart.columns if c.name not in mart.key)


def _describe(
    group: Sequence[Model], models: Mapping[str, Model], named: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    yield f"### {', '.join(f'`{mart.name}`' for mart in group)}\n"
    for mart in group:
        sources = [models[parent] for parent in mart.parents if parent in models]
        links = ", ".join(_link(model) for model in sources if model.domain != "casebook")
        origin = f" From {links}." if links else ""
        yield f"- {_link(mart)}: {mart.description}{origin}"
    keys: dict[str, list[Column]] = {}
    for column in (column for mart in group for column in mart.columns if column.name in mart.key):
        keys.setdefault(column.name, []).append(column)
    rest = [column for column in group[0].columns if column.name not in keys]
    rows = [_row(column, named) for column in [*map(_merge, keys.values()), *rest]]
    yield "\n" + format_table(("column", "type", "meaning"), rows)


def _merge(same: Sequence[Column]) -> Column:
    """Give a key column of several marts, with what each says of it."""
    told = " / ".join(dict.fromkeys(column.description for column in same))
    return Column(same[0].name, same[0].data_type, told)


def _row(column: Column, named: Mapping[str, Sequence[str]]) -> tuple[str, str, str]:
    records = find_decisions(column.name, named)
    links = " ".join(f"[{Path(record).stem}](decisions/{record})" for record in records)
    return f"`{column.name}`", column.data_type, f"{column.description} {links}".strip()


def _link(model: Model) -> str:
    return f"[{model.name}](../{model.path})"
