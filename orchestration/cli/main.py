"""The frame of the `casebook` command: its list of subcommands and how errors are told."""

from __future__ import annotations

import importlib
import os
import sys

import click

from raw_loaders.errors import CasebookError, name_database_error

# Name: module and function, one line of help. Imported only when called, so that `--help` is
# there at once.
COMMANDS = {
    "run": ("orchestration.cli.run:run", "Land, build and check; show the headline numbers."),
    "dev": ("orchestration.cli.dev:dev", "Open the Dagster UI."),
    "load": ("orchestration.cli.load:load", "Land only."),
    "build": ("orchestration.cli.builds:build", "Build facts and marts from what has landed."),
    "report": ("orchestration.cli.report:report", "Write a month's business case page."),
    "trace": ("orchestration.cli.trace:trace", "Show the events behind a number of a mart."),
    "export": ("orchestration.cli.exports:export", "Write a mart or fact as csv or parquet."),
    "sample": ("orchestration.cli.sample:sample", "Write a made-up support centre's events."),
    "status": ("orchestration.cli.statuses:status", "Show what landed, waits and was rejected."),
    "quarantine": ("orchestration.cli.quarantine:quarantine", "Look at rejected lines; replay."),
    "erase": ("orchestration.cli.erase:erase", "Erase a customer or a session, for good."),
    "db": ("orchestration.cli.databases:db", "Start, stop and look into the embedded database."),
}
INTERRUPTED = 130


class LazyGroup(click.Group):
    """A group whose subcommands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names in the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the subcommand named `cmd_name`."""
        if cmd_name not in COMMANDS:
            return None
        module, _, function = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), function)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Settings come from CASEBOOK_* variables or .env; see docs/settings.md.",
)
@click.version_option(package_name="casebook", prog_name="casebook")
def casebook() -> None:
    """Turn the events of AI customer service into numbers people decide with."""


def main() -> None:
    """Run the command; one sentence on stderr and exit code 1 for what a person can mend."""
    try:
        casebook(prog_name="casebook", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted; the same command goes on where this one stopped.", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader, such as `head`, has what it wants; Python shall not flush once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        sentence = tell_error(error)
        if sentence is None:
            raise
        click.echo(f"Error: {sentence}", err=True)
        sys.exit(1)


def tell_error(error: Exception) -> str | None:
    """Say in a sentence what a person can mend; None for a mistake in Casebook itself."""
    if isinstance(error, CasebookError):
        return str(error)
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        place = f": {error.filename}" if error.filename else ""
        return f"{reason}{place}. Mend that, then run the same command again."
    import psycopg  # noqa: PLC0415 - not for `--help`

    if isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)):
        # Never DETAIL or CONTEXT, which quote rows.
        reason = error.diag.message_primary or (str(error).strip() or "no reason given")
        return f"The database failed ({reason.splitlines()[0]}): run the same command again."
    if isinstance(error, psycopg.Error):
        # A traceback would print them.
        return (
            f"The database refused a statement ({name_database_error(error)}): look into the "
            "server's log, then run the same command again."
        )
    return None
