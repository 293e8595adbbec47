"""What is unusual about a source's latest days: its volume, its fields, its losses.

Read from the ledger and the marts; "latest" is by the source's own events, not by a clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import psycopg
from psycopg.rows import class_row

# A day is unusual outside this multiple of the median of the same weekdays before it.
USUAL = (0.5, 2.0)
WEEKS = 4
# With fewer days, or a smaller median, anything is usual.
MINIMUM_WEEKS = 3
MINIMUM_EVENTS = 50
# Of a window of seven days; less often is an accident of a few events.
MINIMUM_BROKEN = 10
# The PRD's bound on lost events.
LOSS_BOUND = 0.001

_LINES = """
with

lines as (
    select counts.event_date, counts.event_name, counts.outcome, counts.reason, counts.line_count
    from staging.load_counts as counts
    inner join staging.loads as loads on counts.load_id = loads.load_id
    inner join staging.objects as objects on loads.object_id = objects.object_id
    where objects.source = %(source)s and counts.event_date is not null
),

latest as (
    select max(event_date) as event_date from lines where outcome = 'landed'
)
"""

VOLUMES = (
    _LINES  # noqa: S608 - of constants only
    + """
-- The latest day may go on: the one before it is the latest complete one.
select
    (select latest.event_date - 1 from latest)::text as event_date,
    array(
        select coalesce(sum(lines.line_count), 0)::int
        from generate_series(0, %(weeks)s) as weeks (number)
        inner join latest on true
        left join lines
            on lines.event_date = latest.event_date - 1 - 7 * weeks.number
            and lines.outcome = 'landed'
        where
            latest.event_date - 1 - 7 * weeks.number
            >= (select min(lines.event_date) from lines where lines.outcome = 'landed')
        group by weeks.number
        order by weeks.number
    ) as counts
"""
)

DRIFT = (
    _LINES  # noqa: S608 - of constants only
    + """
, recent as (
    select lines.*
    from lines
    inner join latest on lines.event_date > latest.event_date - 7
),

landed as (
    select event_name, sum(line_count) as line_count
    from recent
    where outcome = 'landed'
    group by event_name
)

select
    coalesce(array_agg(distinct recent.event_name || '.' || recent.reason)
    filter (where recent.outcome = 'unknown_field'), '{}') as new_fields,
    coalesce((
        select array_agg(broken.field order by broken.field)
        from (
            select violations.event_name || '.' || violations.reason as field
            from recent as violations
            inner join landed on violations.event_name = landed.event_name
            where violations.outcome = 'violation'
            group by violations.event_name, violations.reason
            having
                sum(violations.line_count) >= max(landed.line_count)
                and max(landed.line_count) >= %(minimum)s
        ) as broken
    ), '{}') as vanished_fields
from recent
"""
)

LOSSES = """
select
    source,
    sum(lost_events)::bigint as lost_events,
    sum(expected_events)::bigint as expected_events
from marts.data_quality_daily
where
    event_date > (
        select max(latest.event_date) - 28
        from marts.data_quality_daily as latest
        where latest.source = data_quality_daily.source
    )
group by source
having sum(expected_events) > 0
order by source
"""


@dataclass(frozen=True, kw_only=True)
class Volume:
    """Landed events of the latest complete local day, then of the same weekday before it.

    `event_date` is None when nothing has landed.
    """

    event_date: str | None
    counts: list[int]

    @property
    def usual(self) -> float | None:
        """The median of the weeks before; None when they are too few or too small."""
        before = self.counts[1:]
        if len(before) < MINIMUM_WEEKS or median(before) < MINIMUM_EVENTS:
            return None
        return median(before)

    @property
    def is_usual(self) -> bool:
        """Whether the day has between half and twice as many events as usual."""
        if self.usual is None:
            return True
        return USUAL[0] <= self.counts[0] / self.usual <= USUAL[1]


@dataclass(frozen=True, kw_only=True)
class Drift:
    """Fields, as `event.field`, of the latest seven local days of a source.

    New are those that the catalogue does not list; vanished those that it expects and that
    every event of the kind lacks or breaks.
    """

    new_fields: list[str]
    vanished_fields: list[str]


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Lost and expected events of a source's latest 28 local days."""

    source: str
    lost_events: int
    expected_events: int

    @property
    def rate(self) -> float:
        """Lost events by expected ones."""
        return self.lost_events / self.expected_events


def read_volume(connection: psycopg.Connection, source: str) -> Volume:
    """Count the latest complete day of a source and the same weekday of four weeks before."""
    with connection.cursor(row_factory=class_row(Volume)) as cursor:
        volume = cursor.execute(VOLUMES, {"source": source, "weeks": WEEKS}).fetchone()
    assert volume is not None  # noqa: S101 - a row of scalars
    return volume


def read_drift(connection: psycopg.Connection, source: str) -> Drift:
    """Read what differs between a source's events and its catalogue."""
    with connection.cursor(row_factory=class_row(Drift)) as cursor:
        drift = cursor.execute(DRIFT, {"source": source, "minimum": MINIMUM_BROKEN}).fetchone()
    assert drift is not None  # noqa: S101 - an aggregate
    return drift


def read_losses(connection: psycopg.Connection) -> list[Loss]:
    """Read the losses of each source whose events are numbered, from the last build."""
    with connection.cursor(row_factory=class_row(Loss)) as cursor:
        return cursor.execute(LOSSES).fetchall()
