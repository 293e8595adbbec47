{{ config(
    materialized='incremental',
    incremental_strategy='all_rows',
    indexes=[{'columns': ['business_date']}],
) }}

with

arrivals as (
    select * from {{ ref('int_arrivals_counted') }}
),

builds as (
    select * from {{ ref('stg_casebook__builds') }}
),

business_hours as (
    select * from {{ ref('business_hours') }}
),

holidays as (
    select * from {{ ref('holidays') }}
),

span as (
    select
        min(event_date) as first_date,
        max(event_date) as last_date
    from arrivals
),

dates as (
    select generate_series(first_date, last_date, interval '1 day')::date as business_date
    from span
),

windows as (
    select
        dates.business_date,
        (dates.business_date + business_hours.opens) at time zone builds.business_timezone
            as opens_at,
        (dates.business_date + business_hours.closes) at time zone builds.business_timezone
            as closes_at
    from dates
    inner join business_hours
        on extract(isodow from dates.business_date) = business_hours.weekday
    left join holidays on dates.business_date = holidays.holiday_date
    cross join builds
    where holidays.holiday_date is null
),

final as (
    select * from windows
)

select * from final
