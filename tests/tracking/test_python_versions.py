"""The client runs where services run: on Python 3.9 and later."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "tracking" / "casebook_tracking"
MODULES = sorted(PACKAGE.rglob("*.py"))
OLDEST = (3, 9)
# Of the standard library, what came after 3.9; and what is only a type checker's.
NEWER_MODULES = {
    "tomllib",
    "wsgiref.types",
    "annotationlib",
    "compression",
    "concurrent.interpreters",
}
NEWER_NAMES = {
    *("pairwise", "batched", "aclosing", "chdir", "StrEnum", "ExceptionGroup", "TaskGroup"),
    *("UTC", "Self", "Never", "override", "ParamSpec", "TypeAlias", "KW_ONLY", "assert_never"),
    *("aiter", "anext", "add_note", "bit_count", "shutdown_queue", "getHandlerNames"),
}
NEWER_ARGUMENTS = {("dataclass", "slots"), ("dataclass", "kw_only"), ("zip", "strict")}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_module_is_of_the_oldest_python(path: Path) -> None:
    tree = ast.parse(path.read_text(), str(path), feature_version=OLDEST)
    assert list(newer_things(tree)) == []


def test_what_is_newer_is_found() -> None:
    code = "from itertools import pairwise\nimport tomllib\nzip(a, b, strict=True)\n"
    assert len(list(newer_things(ast.parse(code)))) == 3
    with pytest.raises(SyntaxError):
        ast.parse("match x:\n    case 1: pass", feature_version=OLDEST)
    assert sys.version_info > OLDEST


def newer_things(tree: ast.Module) -> Iterator[str]:
    """Names, modules and arguments that the oldest Python has not."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names} & NEWER_NAMES
            yield from names | ({node.module} & NEWER_MODULES if node.module else set())
        elif isinstance(node, ast.Import):
            yield from {alias.name for alias in node.names} & NEWER_MODULES
        elif isinstance(node, ast.Attribute) and node.attr in NEWER_NAMES:
            yield node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            for keyword in node.keywords:
                if (node.func.id, keyword.arg) in NEWER_ARGUMENTS:
                    yield f"{node.func.id}({keyword.arg}=)"
