{{ config(
    incremental_strategy='all_rows',
    indexes=[
        {
            'columns': ['site_id', 'business_date', text_hash('event_type')],
            'unique': true,
        },
    ],
) }}

with jobs as (

    select
        business_date,
        status_category,
        is_forced,
        duration_seconds,
        coalesce(site_id, 'unknown') as site_id,
        coalesce(event_type, 'unknown') as event_type
    from {{ ref('fct_ai_trigger_jobs') }}

),

sites as (

    select * from {{ ref('int_ai_sites_dated') }}

),

event_types as (

    select event_type from jobs
    union
    select '(all)' as event_type

),

days as (

    select
        sites.site_id,
        sites.today_date,
        event_types.event_type,
        sites.first_date + numbers.number as business_date
    from sites
    cross join event_types
    cross join generate_series(0, sites.today_date - sites.first_date) as numbers (number)

),

counted as (

    select
        coalesce(site_id, '(all)') as site_id,
        business_date,
        coalesce(event_type, '(all)') as event_type,
        count(*) as jobs,
        count(*) filter (where status_category = 'success') as success_jobs,
        count(*) filter (where status_category = 'failed') as failed_jobs,
        count(*) filter (where status_category = 'running') as running_jobs,
        count(*) filter (where status_category = 'skipped_duplicate') as skipped_duplicates,
        count(*) filter (where status_category = 'other') as other_jobs,
        count(*) filter (where is_forced) as forced_jobs,
        count(duration_seconds) as timed_jobs,
        percentile_cont(0.5) within group (order by duration_seconds) as duration_seconds_p50,
        percentile_cont(0.95) within group (order by duration_seconds) as duration_seconds_p95
    from jobs
    group by grouping sets (
        (site_id, business_date, event_type),
        (site_id, business_date),
        (business_date, event_type),
        (business_date)
    )

),

final as (

    select
        days.site_id,
        days.business_date,
        days.event_type,
        coalesce(counted.jobs, 0) as jobs,
        coalesce(counted.success_jobs, 0) as success_jobs,
        coalesce(counted.failed_jobs, 0) as failed_jobs,
        coalesce(counted.running_jobs, 0) as running_jobs,
        coalesce(counted.skipped_duplicates, 0) as skipped_duplicates,
        coalesce(counted.other_jobs, 0) as other_jobs,
        coalesce(counted.forced_jobs, 0) as forced_jobs,
        counted.success_jobs::numeric
        / nullif(counted.success_jobs + counted.failed_jobs, 0) as success_rate,
        coalesce(counted.timed_jobs, 0) as timed_jobs,
        counted.duration_seconds_p50,
        counted.duration_seconds_p95,
        days.business_date = days.today_date as is_today
    from days
    left join counted
        on
            days.site_id = counted.site_id
            and days.business_date = counted.business_date
            and days.event_type = counted.event_type

)

select * from final
