"""Beside `dagster dev`: starts its code server again when that was killed.

`dagster dev` watches its own children only, and the process that holds the definitions is a
grandchild: when it dies, the UI shows an error, no schedule fires, and nobody reloads it.
Run by `casebook dev` as `python -m orchestration.code_servers URL`; ends with its parent.
"""

from __future__ import annotations

import json
import os
import sys
import time
import urllib.request
from contextlib import suppress
from typing import Any

LOOK_SECONDS = 5
# A reload imports the definitions: seconds, and minutes on a machine that is busy.
ANSWER_SECONDS = 300
UNREACHABLE = "DagsterUserCodeUnreachableError"
STATES = """
{ workspaceOrError { ... on Workspace { locationEntries {
    name loadStatus locationOrLoadError { ... on PythonError { message } }
} } } }
"""
RELOAD = """
mutation ($name: String!) { reloadRepositoryLocation(repositoryLocationName: $name) {
    __typename
} }
"""


def find_unreachable(answer: dict[str, Any]) -> list[str]:
    """Name the code locations, in the web server's answer to `STATES`, whose server is gone."""
    entries = answer.get("data", {}).get("workspaceOrError", {}).get("locationEntries", [])
    return [
        entry["name"]
        for entry in entries
        if entry["loadStatus"] == "LOADED"
        and UNREACHABLE in ((entry["locationOrLoadError"] or {}).get("message") or "")
    ]


def look(url: str) -> list[str]:
    """Reload what cannot be reached; gives the names. Raises OSError while no UI answers."""
    lost = find_unreachable(_ask(url, STATES, {}))
    for name in lost:
        _ask(url, RELOAD, {"name": name})
    return lost


def _ask(url: str, query: str, variables: dict[str, str]) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310 - the UI on this machine
        f"{url}/graphql",
        json.dumps({"query": query, "variables": variables}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as response:  # noqa: S310
        answer: dict[str, Any] = json.load(response)
    return answer


def main(url: str) -> None:
    """Look every few seconds until the parent has ended."""
    parent = os.getppid()
    while os.getppid() == parent:
        with suppress(OSError, ValueError):
            for name in look(url):
                sys.stderr.write(f"The code server of {name} had died; it was started again.\n")
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(sys.argv[1])
