"""docs/data_model.md: entities and keys, columns of the facts, and lineage of each domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestration.pages.models import TITLES, Model, Reference, read_models, read_references
from raw_loaders.catalogue_page import format_table

HEAD = """\
# Data model

Written by `make pages` from contracts, keys and tests of the models: do not edit.

Landed tables (`staging`) are append-only; facts hold one row per thing that happened or is; marts
read facts and give numbers, see [Metrics](metrics.md). In the diagrams of entities a full line is
held by a dbt test, a dotted one is a shared key. In the lineages the staging views, one for each
landed table and kind of row, and the seeds are left out; `make docs` shows them all.
"""
LAYERS = {"raw": "staging", "intermediate": "intermediate", "facts": "facts", "marts": "marts"}


def format_data_model(manifest: Mapping[str, Any]) -> str:
    """Write the page as Markdown with Mermaid diagrams."""
    models = read_models(manifest)
    references = read_references(manifest, models)
    sources = {key: source["name"] for key, source in manifest["sources"].items()}
    blocks = [HEAD]
    for domain, title in TITLES.items():
        of_domain = [model for model in models.values() if model.domain == domain]
        facts = [model for model in of_domain if model.layer == "facts"]
        if not facts:
            continue
        blocks += [f"## {title}\n", "### Entities\n", _fence(_entities(facts, references))]
        blocks += ["### Lineage\n", _fence(_lineage(of_domain, models, sources)), "### Facts\n"]
        blocks += [_columns(fact) for fact in facts]
    return "\n".join(blocks)


def _entities(facts: Sequence[Model], references: Sequence[Reference]) -> Iterator[str]:
    yield "erDiagram"
    names = {fact.name for fact in facts}
    for fact in facts:
        foreign = {found.column for found in references if found.child == fact.name}
        kept = [c for c in fact.columns if c.name in fact.key or c.name in foreign]
        yield f"    {fact.name} {{"
        for column in kept or fact.columns[:1]:
            marks = [
                *(["PK"] if column.name in fact.key else []),
                *(["FK"] if column.name in foreign else []),
            ]
            kind = column.data_type.replace(" ", "_")
            yield f"        {kind} {column.name} {', '.join(marks)}".rstrip()
        yield "    }"
    for found in references:
        if found.child in names:
            line = "||--o{" if found.is_tested else "||..o{"
            yield f"    {found.parent} {line} {found.child} : {found.column}"


def _lineage(
    of_domain: Sequence[Model], models: Mapping[str, Model], sources: Mapping[str, str]
) -> Iterator[str]:
    shown = [model for model in of_domain if model.layer != "staging"]
    edges = {
        (parent, model.name)
        for model in shown
        for parent in _shown_parents(model, models, sources, model.domain)
    }
    layers = {model.name: LAYERS[model.layer] for model in shown}
    landed = {parent for parent, _ in edges if parent not in layers}
    yield "flowchart LR"
    for layer in LAYERS.values():
        members = sorted(landed) if layer == "staging" else []
        members += [name for name, of in layers.items() if of == layer]
        if members:
            yield f"    subgraph {layer}"
            yield from (f"        {member}" for member in members)
            yield "    end"
    yield from (f"    {parent} --> {child}" for parent, child in sorted(edges))


def _shown_parents(
    model: Model, models: Mapping[str, Model], sources: Mapping[str, str], domain: str
) -> Iterator[str]:
    """Give the parents of `model`: through staging views to their tables, within its domain."""
    for unique_id in model.parents:
        parent = models.get(unique_id)
        if unique_id in sources:
            yield sources[unique_id]
        elif parent is not None and parent.layer == "staging" and parent.domain == domain:
            yield from _shown_parents(parent, models, sources, domain)
        elif parent is not None and parent.layer != "staging" and parent.domain == domain:
            yield parent.name


def _columns(fact: Model) -> str:
    key = f" Key: {', '.join(f'`{name}`' for name in fact.key)}." if fact.key else ""
    rows = [(f"`{c.name}`", c.data_type, c.description) for c in fact.columns]
    table = format_table(("column", "type", "meaning"), rows)
    return f"#### [{fact.name}](../{fact.path})\n\n{fact.description}{key}\n\n{table}"


def _fence(lines: Iterator[str]) -> str:
    return "\n".join(["```mermaid", *lines, "```", ""])
