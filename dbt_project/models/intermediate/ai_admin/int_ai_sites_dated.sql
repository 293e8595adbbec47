with runs as (

    select * from {{ ref('fct_ai_runs') }}

),

trigger_jobs as (

    select * from {{ ref('fct_ai_trigger_jobs') }}

),

rows_now as (

    select * from {{ ref('int_ai_rows_current') }}

),

calendars as (

    select * from {{ ref('int_ai_calendars_resolved') }}

),

builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

dated_rows as (

    select
        site_id,
        business_date
    from runs
    union all
    select
        site_id,
        business_date
    from trigger_jobs

),

spans as (

    select
        coalesce(site_id, 'unknown') as site_id,
        -- A time before is none: no series of days should begin in the year 1.
        min(business_date) filter (where business_date >= '2000-01-01') as first_date
    from dated_rows
    group by coalesce(site_id, 'unknown')

),

sites as (

    select site_id from spans
    union
    select site_id from rows_now
    where site_id is not null

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

),

final as (

    select
        site_id,
        -- A trend of ten days has ten, on the first day too.
        least(first_date, today_date - 9) as first_date,
        today_date
    from dated
    union all
    select
        '(all)' as site_id,
        min(least(first_date, today_date - 9)) as first_date,
        max(today_date) as today_date
    from dated
    having count(*) > 0

)

select * from final
