{{
    config(
        incremental_strategy='touched_periods',
        indexes=[
            {'columns': ['period_start', 'site', 'weekday', 'hour'], 'unique': true},
        ],
        meta={'grain': 'month'},
    )
}}

with

builds as (
    select * from {{ ref('stg_casebook__builds') }}
),

periods as (
    select * from {{ ref('int_support_periods') }}
    where
        grain = 'month'
    {% if is_incremental() -%}
            and is_touched
        {%- endif %}
),

sessions as (
    select * from {{ ref('fct_sessions') }}
    where started_date >= (select min(period_start) from periods)
),

timed as (
    select
        date_trunc('month', sessions.started_date::timestamp)::date as period_start,
        coalesce(sessions.site, 'unknown') as site,
        sessions.escalated_at,
        sessions.started_at at time zone builds.business_timezone as started_local
    from sessions
    cross join builds
),

-- Before they meet their months, of which the planner cannot know the number.
counted as (
    select
        period_start,
        site,
        extract(isodow from started_local)::integer as weekday,
        extract(hour from started_local)::integer as hour,
        count(*) as sessions,
        count(escalated_at) as escalated_sessions
    from timed
    group by
        period_start,
        site,
        extract(isodow from started_local)::integer,
        extract(hour from started_local)::integer
),

final as (
    select
        counted.period_start,
        counted.site,
        counted.weekday,
        counted.hour,
        counted.sessions,
        counted.escalated_sessions,
        periods.is_complete,
        periods.is_mature
    from counted
    inner join periods on counted.period_start = periods.period_start
)

select * from final
