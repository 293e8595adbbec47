"""`casebook db`: the embedded server, or the database that stands in for it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from orchestration.backups import psql_environment, restore_dump, write_dump
from orchestration.database import open_database, reach_database
from orchestration.embedded_postgres import EmbeddedPostgres
from orchestration.embedded_postgres.programs import bundled_programs
from orchestration.roles import bi_url
from orchestration.settings import Settings, load_settings
from raw_loaders.errors import SettingsError


@click.group()
def db() -> None:
    """Start, stop and look into the embedded database.

    With CASEBOOK_DATABASE_URL set there is none to start or stop; `status`, `url` and `psql`
    then speak of the database it names.
    """


@db.command()
def start() -> None:
    """Start the embedded server and bring its schema up to date."""
    settings = _embedded_settings()
    open_database(settings)
    running = EmbeddedPostgres(settings.home).status()
    click.echo(f"The embedded database runs on port {running.port}; its data is in {running.data}.")


@db.command()
def stop() -> None:
    """Stop the embedded server; connections to it are closed."""
    was_running = EmbeddedPostgres(_embedded_settings().home).stop()
    click.echo("The embedded database was stopped." if was_running else "It was not running.")


@db.command()
def status() -> None:
    """Say whether the database runs and where."""
    settings = load_settings()
    if settings.is_embedded:
        server = EmbeddedPostgres(settings.home).status()
        if server.data is None:
            click.echo(f"No embedded database has been started in {settings.home} yet.")
        elif server.is_running:
            click.echo(f"Running on port {server.port} as process {server.pid}: {server.data}.")
        else:
            click.echo(f"Stopped: {server.data}.")
        return
    database = reach_database(settings)
    with database.connect() as connection:
        info = connection.info
        click.echo(
            f"Postgres {info.server_version // 10000} answers at {info.host}:{info.port}, "
            f"database {info.dbname}, user {info.user}."
        )


@db.command()
@click.option("--role", type=click.Choice(["bi_reader"]), help="A login that only reads for BI.")
def url(role: str | None) -> None:
    """Print the database's URL with its password, and nothing else.

    With --role bi_reader that of a login for BI tools, made when it is missing: it reads facts
    and marts, writes nothing, and no statement of it takes longer than a minute.
    """
    settings = load_settings()
    if role is None:
        click.echo(reach_database(settings).url)
    else:
        click.echo(bi_url(settings, open_database(settings)))


@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """Open psql on the database; ARGUMENTS go to psql, such as -c "select 1"."""
    database = reach_database(load_settings())
    program = bundled_programs() / "bin" / "psql"
    # By environment: a URL among the arguments would show its password to `ps`.
    os.execve(program, [str(program), *arguments], {**os.environ, **psql_environment(database)})  # noqa: S606


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def dump(file: Path) -> None:
    """Write the whole warehouse into FILE, with pg_dump."""
    write_dump(reach_database(load_settings()), file)
    click.echo(f"The warehouse is in {file}. Keep hash.key of the home beside it.")


@db.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.confirmation_option(prompt="Replace what the warehouse holds?")
def restore(file: Path) -> None:
    """Replace the warehouse by what `dump` wrote into FILE, all of it or nothing."""
    # Its migrations make the roles that the dump grants rights to.
    restore_dump(open_database(load_settings()), file)
    click.echo(f"The warehouse is what it was when {file} was written.")


def _embedded_settings() -> Settings:
    settings = load_settings()
    if not settings.is_embedded:
        raise SettingsError(
            "CASEBOOK_DATABASE_URL is set, so there is no embedded database to start or stop: "
            "unset it to use one."
        )
    return settings
