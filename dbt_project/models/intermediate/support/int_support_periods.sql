{{ config(
    materialized='incremental',
    incremental_strategy='all_rows',
    indexes=[{'columns': ['grain', 'period_start'], 'unique': true}],
) }}

with

builds as (
    select * from {{ ref('stg_casebook__builds') }}
),

arrivals as (
    select * from {{ ref('int_arrivals_counted') }}
),

days_touched as (
    select * from {{ ref('int_support_days_touched') }}
),

-- First and last local day with an event, now and at the last finished build.
span as (
    select
        min(event_date) as first_date,
        max(event_date) as last_date
    from arrivals
),

previous_span as (
    select
        min(event_date) as first_date,
        max(event_date) as last_date
    from arrivals
    where load_id <= (select after_load_id from builds)
),

days as (
    select generate_series(first_date, last_date, interval '1 day')::date as event_date
    from span
),

grains (grain, length) as (
    values
    ('day', interval '1 day'),
    ('week', interval '1 week'),
    ('month', interval '1 month')
),

periods as (
    select distinct
        grains.grain,
        date_trunc(grains.grain, days.event_date::timestamp)::date as period_start,
        (date_trunc(grains.grain, days.event_date::timestamp) + grains.length)::date
            as period_end
    from days
    cross join grains
),

touched as (
    select distinct
        grains.grain,
        date_trunc(grains.grain, days_touched.event_date::timestamp)::date as period_start
    from days_touched
    cross join grains
),

timed as (
    select
        periods.*,
        touched.period_start is not null as has_touched_day,
        periods.period_end::timestamp at time zone builds.business_timezone as ends_at,
        builds.support_as_of,
        builds.previous_support_as_of
    from periods
    cross join builds
    left join touched
        on periods.grain = touched.grain and periods.period_start = touched.period_start
),

final as (
    select
        timed.grain,
        {{ is_complete('timed.ends_at', 'timed.support_as_of') }} as is_complete,
        {{ is_mature('timed.ends_at', 'timed.support_as_of') }} as is_mature,
        -- Also periods that the last build did not have, and those whose flags it had
        -- otherwise.
        timed.has_touched_day
        or previous_span.first_date is null
        or timed.period_end <= previous_span.first_date
        or timed.period_start > previous_span.last_date
        or (
            timed.ends_at > timed.previous_support_as_of
            and timed.ends_at <= timed.support_as_of
        )
        or (
            timed.ends_at + {{ repeat_window() }} > timed.previous_support_as_of
            and timed.ends_at + {{ repeat_window() }} <= timed.support_as_of
        ) as is_touched,
        timed.period_start,
        timed.period_end
    from timed
    cross join previous_span
)

select * from final
