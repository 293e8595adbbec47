"""`make bi`: Superset on the marts, opened on the dashboards."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from bi.superset.bundles import read_marts, save_bundle, write_bundle
from bi.superset.definitions import read_dashboards
from bi.superset.environments import make_environment
from bi.superset.servers import ADMIN, Superset
from orchestration.database import open_database
from orchestration.manifests import prepare_manifest
from orchestration.roles import bi_url
from orchestration.settings import Settings, load_settings
from raw_loaders.errors import CasebookError


@click.command()
@click.option("--port", type=int, default=8088, show_default=True, help="On the loopback address.")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, exists=False),
    help="Write the dashboards into this new folder instead, for a Superset of your own.",
)
def main(port: int, bundle: Path | None) -> None:
    """Start Superset with the dashboards, on the marts of this home."""
    settings = load_settings()
    if bundle is not None:
        if bundle.exists():
            raise CasebookError(f"{bundle} exists already: name a new folder.")
        save_bundle(make_bundle(settings), bundle)
        click.echo(f"superset import-directory --overwrite {bundle}")
        return
    click.echo("Making Superset's environment, when it is not there yet …", err=True)
    superset = Superset(make_environment(), settings.home / "superset")
    click.echo("Preparing Superset and its dashboards …", err=True)
    superset.prepare(make_bundle(settings))
    click.echo(
        f"Superset: http://127.0.0.1:{port}/superset/dashboard/management/ — log in as {ADMIN} "
        f"with the password in {superset.state / 'admin.password'}; Ctrl-C ends it."
    )
    command = superset.command(port)
    os.execve(command[0], command, superset.environment)  # noqa: S606


def make_bundle(settings: Settings) -> Mapping[str, str]:
    """Give the bundle for the warehouse of these settings, with its bi_reader login."""
    marts = read_marts(json.loads(prepare_manifest(settings).read_bytes()))
    return write_bundle(read_dashboards(), marts, bi_url(settings, open_database(settings)))


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except CasebookError as error:
        sys.exit(f"Error: {error}")
