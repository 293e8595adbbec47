{#- Intervals are cut at local days, then at the half hours of the day, each by a series of
    its own: joins of intervals with intervals would grow with the square of the days. -#}
{{
    config(
        incremental_strategy='touched_days',
        indexes=[
            {'columns': ['slot_start'], 'unique': true},
            {'columns': ['event_date']},
        ],
    )
}}

-- depends_on: {{ ref('int_support_days_touched') }}

with

builds as (
    select * from {{ ref('stg_casebook__builds') }}
),

days as (
    select
        period_start as event_date,
        period_start::timestamp at time zone (select business_timezone from builds)
            as starts_at,
        period_end::timestamp at time zone (select business_timezone from builds)
            as ends_at
    from {{ ref('int_support_periods') }}
    where
        grain = 'day'
        and {{ is_touched_day('period_start') }}
),

sessions as (
    select
        *,
        coalesce(taken_over_at, ended_at) as queue_left_at
    from {{ ref('fct_sessions') }}
    where escalation_count > 0
),

statuses as (
    select * from {{ ref('fct_agent_statuses') }}
),

handlings as (
    select * from {{ ref('fct_session_handlings') }}
),

slots as (
    select
        event_date,
        generate_series(starts_at, ends_at - interval '30 minutes', interval '30 minutes')
            as slot_start
    from days
),

intervals as (
    select
        case when category = 'available' then 'available' else 'away' end as measure,
        started_at,
        ended_at
    from statuses
    union all
    select
        'held' as measure,
        started_at,
        ended_at
    from handlings
    union all
    select
        'queued' as measure,
        escalated_at as started_at,
        queue_left_at as ended_at
    from sessions
    where queue_left_at is null or queue_left_at > escalated_at
),

ended_intervals as (
    select
        measure,
        started_at,
        coalesce(ended_at, (select support_as_of from builds)) as ended_at
    from intervals
),

intervals_by_day as (
    select
        *,
        generate_series(
            {{ local_date('started_at') }}, {{ local_date('ended_at') }}, interval '1 day'
        )::date as event_date
    from ended_intervals
    where ended_at > (select min(days.starts_at) from days)
),

intervals_by_slot as (
    select
        intervals_by_day.measure,
        intervals_by_day.started_at,
        intervals_by_day.ended_at,
        generate_series(
            date_bin(
                interval '30 minutes',
                greatest(intervals_by_day.started_at, days.starts_at),
                days.starts_at
            ),
            least(intervals_by_day.ended_at, days.ends_at) - interval '1 microsecond',
            interval '30 minutes'
        ) as slot_start
    from intervals_by_day
    inner join days on intervals_by_day.event_date = days.event_date
),

slot_seconds as (
    select
        slot_start,
        measure,
        sum(
            extract(
                epoch from
                least(ended_at, slot_start + interval '30 minutes')
                - greatest(started_at, slot_start)
            )
        ) as seconds
    from intervals_by_slot
    group by slot_start, measure
),

minutes as (
    select
        slot_start,
        sum(seconds) filter (where measure in ('available', 'away')) / 60
            as shift_minutes,
        sum(seconds) filter (where measure = 'available') / 60 as available_minutes,
        sum(seconds) filter (where measure = 'held') / 60 as held_minutes,
        sum(seconds) filter (where measure = 'queued') / 60 as queued_minutes
    from slot_seconds
    group by slot_start
),

arrivals as (
    select
        date_bin(interval '30 minutes', sessions.escalated_at, days.starts_at) as slot_start,
        count(*) as arrivals,
        count(*) filter (where sessions.outcome = 'queue_abandoned') as abandonments,
        count(sessions.handle_seconds) as handled_arrivals,
        sum(sessions.handle_seconds) as handle_seconds
    from sessions
    inner join days on {{ local_date('sessions.escalated_at') }} = days.event_date
    group by date_bin(interval '30 minutes', sessions.escalated_at, days.starts_at)
),

timed_slots as (
    select
        *,
        slot_start + interval '30 minutes' as ends_at
    from slots
),

final as (
    select
        slots.event_date,
        slots.slot_start,
        trim_scale(coalesce(minutes.shift_minutes, 0) / 30) as on_shift_agents,
        trim_scale(coalesce(minutes.available_minutes, 0) / 30) as available_agents,
        trim_scale(coalesce(minutes.held_minutes, 0) / 30) as held_sessions,
        trim_scale(coalesce(minutes.queued_minutes, 0) / 30) as queue_length,
        coalesce(arrivals.arrivals, 0) as arrivals,
        coalesce(arrivals.abandonments, 0) as abandonments,
        coalesce(arrivals.handled_arrivals, 0) as handled_arrivals,
        arrivals.handle_seconds,
        {{ is_complete('slots.ends_at', 'builds.support_as_of') }} as is_complete,
        {{ is_mature('slots.ends_at', 'builds.support_as_of') }} as is_mature
    from timed_slots as slots
    cross join builds
    left join minutes on slots.slot_start = minutes.slot_start
    left join arrivals on slots.slot_start = arrivals.slot_start
)

select * from final
