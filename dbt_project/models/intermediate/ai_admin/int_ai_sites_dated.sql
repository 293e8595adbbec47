with runs as (

    select * from {{ ref('fct_ai_runs') }}

),

calendars as (

    select * from {{ ref('int_ai_calendars_resolved') }}

),

builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

spans as (

    select
        site_id,
        min(business_date) as first_date
    from runs
    group by site_id

),

sites as (

    select site_id from spans
    union
    select site_id from calendars

),

dated as (

    select
        sites.site_id,
        spans.first_date,
        {{ site_business_date('builds.ai_admin_as_of') }} as today_date
    from sites
    cross join builds
    left join spans
        on sites.site_id = spans.site_id
    left join calendars
        on sites.site_id = calendars.site_id
    where sites.site_id is not null

),

final as (

    select
        site_id,
        coalesce(first_date, today_date) as first_date,
        today_date
    from dated
    union all
    select
        '(all)' as site_id,
        min(coalesce(first_date, today_date)) as first_date,
        max(today_date) as today_date
    from dated
    having count(*) > 0

)

select * from final
