"""The models of a dbt manifest as the pages need them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# A column that stands in an index by its hash, see the macro text_hash.
HASHED = re.compile(r"hashtextextended\((\w+), 0\)")
TITLES = {
    "support": "Support",
    "ai_admin": "AI back office",
    "coze_studio": "Agent studio",
    "qwen_code": "AI coding agent",
    "casebook": "Casebook itself",
}


@dataclass(frozen=True)
class Column:
    """A column as its contract and description have it."""

    name: str
    data_type: str
    description: str


@dataclass(frozen=True)
class Model:
    """A model: `key` are the columns the server holds unique, () for none.

    `parents` are unique ids.
    """

    unique_id: str
    name: str
    path: str
    layer: str
    domain: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    parents: tuple[str, ...]


@dataclass(frozen=True)
class Reference:
    """A column that holds the key of another model; `is_tested` when dbt's test says so."""

    child: str
    parent: str
    column: str
    is_tested: bool


def read_models(manifest: Mapping[str, Any]) -> dict[str, Model]:
    """Give every model by its unique id, in the order of their names."""
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    return {
        node["unique_id"]: _read_model(node)
        for node in sorted(nodes, key=lambda node: str(node["name"]))
    }


def read_references(manifest: Mapping[str, Any], models: Mapping[str, Model]) -> list[Reference]:
    """Give the references among facts: those a test holds, and those that share a key's name."""
    facts = {model.name: model for model in models.values() if model.layer == "facts"}
    tested = {
        (models[node["attached_node"]].name, node["test_metadata"]["kwargs"]["to"][5:-2])
        for node in _tests(manifest, {"relationships"})
        if node["attached_node"] in models
    }
    single = [model for model in facts.values() if len(model.key) == 1]
    return [
        Reference(child.name, parent.name, column.name, (child.name, parent.name) in tested)
        for child in facts.values()
        for parent in single
        for column in child.columns
        if column.name == parent.key[0] and _may_refer(child, parent)
    ]


def _may_refer(child: Model, parent: Model) -> bool:
    # An event's own identity has one name everywhere and refers to nothing.
    is_identity = parent.key == ("event_id",)
    return child.name != parent.name and child.domain == parent.domain and not is_identity


def _read_model(node: Mapping[str, Any]) -> Model:
    layer, domain = node["fqn"][1:3]
    return Model(
        unique_id=node["unique_id"],
        name=node["name"],
        path=node["original_file_path"],
        layer=layer,
        domain=domain,
        description=_one_line(node["description"]),
        columns=tuple(
            Column(column["name"], column["data_type"] or "", _one_line(column["description"]))
            for column in node["columns"].values()
        ),
        key=_key(node) or tuple(node.get("primary_key") or ()),
        parents=tuple(node["depends_on"]["nodes"]),
    )


def _key(node: Mapping[str, Any]) -> tuple[str, ...]:
    for index in node["config"].get("indexes") or ():
        if index.get("unique"):
            return tuple(HASHED.sub(r"\1", column) for column in index["columns"])
    return ()


def _tests(manifest: Mapping[str, Any], names: set[str]) -> Iterator[Mapping[str, Any]]:
    for node in manifest["nodes"].values():
        if (node.get("test_metadata") or {}).get("name") in names and node["attached_node"]:
            yield node


def _one_line(text: str) -> str:
    return " ".join(text.split())
