{{ config(incremental_strategy='all_rows') }}

with jobs as (

    select * from {{ ref('fct_ai_trigger_jobs') }}
    where site_id is not null

),

sites as (

    select * from {{ ref('int_ai_sites_dated') }}

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
    where event_type is not null
    group by grouping sets (
        (site_id, business_date, event_type),
        (site_id, business_date),
        (business_date, event_type),
        (business_date)
    )

),

final as (

    select
        counted.site_id,
        counted.business_date,
        counted.event_type,
        counted.jobs,
        counted.success_jobs,
        counted.failed_jobs,
        counted.running_jobs,
        counted.skipped_duplicates,
        counted.other_jobs,
        counted.forced_jobs,
        counted.success_jobs::numeric
        / nullif(counted.success_jobs + counted.failed_jobs, 0) as success_rate,
        counted.timed_jobs,
        counted.duration_seconds_p50,
        counted.duration_seconds_p95,
        coalesce(counted.business_date = sites.today_date, false) as is_today
    from counted
    left join sites
        on counted.site_id = sites.site_id

)

select * from final
