"""`casebook load`: land only."""

from __future__ import annotations

import click

from orchestration.cli.listening import listen
from orchestration.cli.progress import say
from orchestration.cli.reports import tell_load
from orchestration.resources import Workplace
from orchestration.settings import load_settings
from orchestration.sources import SOURCES
from raw_loaders.load_reports import raise_failures


@click.command()
def load() -> None:
    """Land what is new of every source; build nothing.

    Beside a running build, or many times a day: the next build reads what was landed. Safe
    to repeat and to kill.
    """
    with listen() as listener:
        workplace = Workplace(load_settings(), listener)
        for source in SOURCES:
            workplace.land(source)
    for report in workplace.loads:
        say(tell_load(report))
    raise_failures(workplace.loads)
