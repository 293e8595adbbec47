"""`casebook dev`: the Dagster UI."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import click

from orchestration.cli.progress import say
from orchestration.dagster_instances import prepare_dagster_home
from orchestration.dbt_runs import PROJECT
from orchestration.manifests import prepare_manifest
from orchestration.settings import load_settings
from raw_loaders.errors import SettingsError

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 3000


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="[default: the last one that was free]")
def dev(port: int | None) -> None:
    """Open the Dagster UI on this machine, with its schedules running.

    It shows the runs of `casebook run` too. Only this machine can reach it.
    """
    settings = load_settings()
    environment = prepare_dagster_home(settings)
    prepare_manifest(settings)
    remembered = settings.home / "dagster" / "port"
    port = port or _free_port(remembered)
    remembered.write_text(str(port))
    say(f"The Dagster UI is at http://{LOOPBACK}:{port}; stop it with Ctrl-C.")
    program = Path(sys.executable).with_name("dagster")
    arguments = ["dev", "-w", str(PROJECT / "workspace.yaml"), "-h", LOOPBACK, "-p", str(port)]
    values = {**os.environ, **environment, "CASEBOOK_HOME": str(settings.home)}
    os.execve(program, [str(program), *arguments], values)  # noqa: S606


def _free_port(remembered: Path) -> int:
    """Give the remembered port or the usual one while it is free, else any free one."""
    wanted = int(remembered.read_text()) if remembered.is_file() else DEFAULT_PORT
    for candidate in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SettingsError(f"No port of {LOOPBACK} is free for the Dagster UI.")
