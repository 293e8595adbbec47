"""`casebook trace`: the events behind a number."""

from __future__ import annotations

import click

from orchestration.builds import schema_suffix
from orchestration.database import open_database
from orchestration.settings import load_settings
from orchestration.traces.marts import find_rule
from orchestration.traces.numbers import (
    ask,
    count_rows,
    read_events,
    read_number,
    read_picks,
    read_rows,
)
from raw_loaders.errors import CasebookError


@click.command()
@click.argument("number", metavar="MART.COLUMN")
@click.option(
    "--period",
    required=True,
    help="As the mart's: a day (2025-12-17), a month (2025-12), a week (2025-W50) or a half hour "
    "(2025-12-17T10:30), local.",
)
@click.option(
    "--where",
    "picks",
    metavar="DIMENSION=VALUE",
    multiple=True,
    help="Which row of a mart that has more than one per period, such as agent_id=a1.",
)
@click.option("--site", help="The same as --where site=….")
@click.option("--channel", help="The same as --where channel=….")
@click.option("--limit", default=5, show_default=True, help="Fact rows to show; 0 shows all.")
def trace(
    *,
    number: str,
    period: str,
    picks: tuple[str, ...],
    site: str | None,
    channel: str | None,
    limit: int,
) -> None:
    """Show the fact rows behind a number, their events, and file and line of each.

    The number is a count of a mart of support, such as support_kpis_daily, cost_savings_monthly or
    ticket_sla_monthly. One that is computed from counts says which of them to trace; the marts of
    the other sources cannot be traced.

    For example: casebook trace support_kpis_monthly.ai_resolved_sessions --period 2025-12
    or: casebook trace agent_performance_daily.handlings --period 2025-12-17 --where agent_id=a1
    or: casebook trace support_kpis_monthly_by_site.sessions --period 2025-12 --site shop-eu
    """
    settings = load_settings()
    suffix = schema_suffix(settings.as_of)
    values = read_picks(picks, site=site, channel=channel)
    question = ask(number, period, values, settings.timezone)
    rule = find_rule(question.mart, question.column)
    with open_database(settings).connect(role="transformer") as connection:
        expected = read_number(connection, question, suffix)
        rows = read_rows(connection, question, suffix)
        counted = count_rows(rule, rows)
        click.echo(
            f"{question.mart}.{question.column} of {question.start}: {expected}; "
            f"{len(rows)} rows of {rule.fact} where {rule.condition}."
        )
        for row in rows[: limit or None]:
            click.echo("")
            identity = rule.events[:1] if len(rule.events) == 1 else rule.events[:2]
            click.echo("  ".join(f"{name} {row[name]}" for name in identity))
            for event in read_events(connection, rule, row):
                click.echo(
                    f"  {event.occurred_at:%Y-%m-%d %H:%M:%S.%f}  {event.event_name:<24}  "
                    f"{event.object}:{event.line_number}  {event.event_id}"
                )
    if limit and len(rows) > limit:
        click.echo(f"\n{len(rows) - limit} more; --limit 0 shows all.")
    if counted != expected:
        raise CasebookError(
            f"The rows count {counted} and the mart says {expected}: a build is running or was "
            "killed; run `casebook build` and trace again."
        )
