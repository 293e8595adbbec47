"""`casebook dev`: the Dagster UI."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import click

from orchestration.cli.progress import say
from orchestration.dagster_instances import prepare_dagster_home
from orchestration.dbt_runs import PROJECT
from orchestration.manifests import prepare_manifest
from orchestration.ports import LOOPBACK, find_free_port, is_free
from orchestration.settings import load_settings

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
    url = f"http://{LOOPBACK}:{port}"
    say(f"The Dagster UI is at {url}; stop it with Ctrl-C.")
    program = Path(sys.executable).with_name("dagster")
    arguments = ["dev", "-w", str(PROJECT / "workspace.yaml"), "-h", LOOPBACK, "-p", str(port)]
    values = {**os.environ, **environment, "CASEBOOK_HOME": str(settings.home)}
    # A file of this directory that is named like a package would otherwise be taken for it.
    values["PYTHONSAFEPATH"] = "1"
    # A shell that starts it in the background has Ctrl-C ignored; Dagster then ignores SIGTERM too.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # It becomes a child of Dagster's, and ends with it.
    subprocess.Popen([sys.executable, "-m", "orchestration.code_servers", url], env=values)
    os.execve(program, [str(program), *arguments], values)  # noqa: S606


def _free_port(remembered: Path) -> int:
    """Give the remembered port or the usual one while it is free, else any free one."""
    wanted = int(remembered.read_text()) if remembered.is_file() else DEFAULT_PORT
    return wanted if is_free(wanted) else find_free_port()
