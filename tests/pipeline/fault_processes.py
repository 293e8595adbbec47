"""A build in a process of its own that may be killed: `python -m … '<json of an Order>'`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from orchestration import warehouse_builds
from orchestration.database import Database
from orchestration.dbt_runs import dbt_arguments
from raw_loaders.errors import CasebookError
from tests.conftest import settings_for

if TYPE_CHECKING:
    from orchestration.dbt_runs import Progress


class Order(msgspec.Struct, forbid_unknown_fields=True):
    """What to build; `kill_at` is the dbt node, by its number, at whose end to die."""

    home: str
    url: str
    kill_at: int = 0
    full_refresh: bool = False


def _without_tests(*given: Any, **named: Any) -> list[str]:
    return [*dbt_arguments(*given, **named), "--exclude-resource-type", "test"]


def main() -> None:
    """Build once, or die on the way; a sentence on stderr and exit code 1 when it fails."""
    order = msgspec.json.decode(sys.argv[1], type=Order)

    def hear(node: Progress) -> None:
        # For the test that stops the server at a node.
        sys.stdout.write(f"{node.done}\n")
        sys.stdout.flush()
        if node.done == order.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    # Data tests change no table, and are half of a small build's time.
    vars(warehouse_builds)["dbt_arguments"] = _without_tests
    try:
        warehouse_builds.build_warehouse(
            settings_for(Path(order.home), order.url),
            Database(order.url, is_embedded=False),
            full_refresh=order.full_refresh,
            say=lambda _: None,
            on_progress=hear,
        )
    except CasebookError as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
