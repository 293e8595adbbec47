"""What the watcher beside `dagster dev` takes for a code server that died."""

from __future__ import annotations

from typing import Any

import pytest

from orchestration.code_servers import find_unreachable

GONE = "dagster._core.errors.DagsterUserCodeUnreachableError: Could not reach user code server."


def answer(status: str, state: dict[str, str] | None) -> dict[str, Any]:
    entry = {"name": "casebook", "loadStatus": status, "locationOrLoadError": state}
    return {"data": {"workspaceOrError": {"locationEntries": [entry]}}}


@pytest.mark.parametrize(
    ("told", "names"),
    [
        (answer("LOADED", {"message": GONE}), ["casebook"]),
        (answer("LOADED", {}), []),
        (answer("LOADED", {"message": "SyntaxError: what a reload does not mend"}), []),
        (answer("LOADING", {"message": GONE}), []),
        (answer("LOADING", None), []),
        ({"errors": []}, []),
    ],
)
def test_only_what_cannot_be_reached_is_loaded_again(
    told: dict[str, Any], names: list[str]
) -> None:
    assert find_unreachable(told) == names
