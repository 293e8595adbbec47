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
        sessions.started_date,
        coalesce(sessions.site, 'unknown') as site,
        sessions.escalated_at,
        sessions.started_at at time zone builds.business_timezone as started_local
    from sessions
    cross join builds
),

final as (
    select
        periods.period_start,
        timed.site,
        extract(isodow from timed.started_local)::integer as weekday,
        extract(hour from timed.started_local)::integer as hour,
        count(*) as sessions,
        count(timed.escalated_at) as escalated_sessions,
        periods.is_complete,
        periods.is_mature
    from timed
    inner join periods
        on
            periods.period_start
            = date_trunc('month', timed.started_date::timestamp)::date
    group by
        periods.period_start,
        timed.site,
        extract(isodow from timed.started_local)::integer,
        extract(hour from timed.started_local)::integer,
        periods.is_complete,
        periods.is_mature
)

select * from final
