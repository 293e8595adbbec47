"""docs/cli.md: every command with its options, as its own help tells them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from orchestration.cli.main import casebook
from raw_loaders.catalogue_page import format_table

HEAD = """\
# Commands

Written by `make pages` from the program's own help: do not edit.

`casebook` lies in `.venv/bin` of the checkout; each command tells its options with `--help`. What
it works on comes from [Settings](settings.md). A command that fails says in one sentence what to
do and ends with 1, a wrong option with 2, an interruption with 130; all are safe to repeat.
"""


def format_commands() -> str:
    """Write the page as Markdown."""
    return "\n".join([HEAD, *(_describe(path, command) for path, command in walk_commands())])


def walk_commands() -> Iterator[tuple[str, click.Command]]:
    """Give each command that does something, with its words: `casebook db url`."""
    yield from _walk("casebook", casebook)


def _walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        if found is not None:
            yield from _walk(f"{path} {name}", found)


def _describe(path: str, command: click.Command) -> str:
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    rows = [
        record
        for parameter in command.params
        if (record := parameter.get_help_record(context)) is not None
    ]
    options = [(f"`{names}`", meaning) for names, meaning in rows]
    parts = [f"## {path}\n", f"    {usage}\n", f"{text}\n"]
    if options:
        parts.append(format_table(("option", "meaning"), options))
    return "\n".join(parts)
