{{ config(
    incremental_strategy='all_rows',
    indexes=[{'columns': ['site_id', 'business_date'], 'unique': true}],
) }}

with sites as (

    select * from {{ ref('int_ai_sites_dated') }}

),

runs as (

    select
        business_date,
        status_category,
        is_tokens_unmeasured,
        tokens,
        latency_ms,
        coalesce(site_id, 'unknown') as site_id
    from {{ ref('fct_ai_runs') }}

),

days as (

    select
        sites.site_id,
        sites.today_date,
        sites.first_date + numbers.number as business_date
    from sites
    cross join generate_series(0, sites.today_date - sites.first_date) as numbers (number)

),

-- Days dated ahead of today are left out with the rest of tomorrow.
counted as (

    select
        coalesce(site_id, '(all)') as site_id,
        business_date,
        count(*) as calls,
        count(*) filter (where status_category = 'success') as success_calls,
        count(*) filter (where status_category = 'failed') as failed_calls,
        count(*) filter (where status_category = 'running') as running_calls,
        count(*) filter (where status_category = 'skipped_duplicate') as skipped_calls,
        count(*) filter (where status_category = 'other') as other_calls,
        count(*) filter (where is_tokens_unmeasured) as unmeasured_calls,
        sum(tokens) as tokens,
        count(latency_ms) as latency_calls,
        avg(latency_ms) as avg_latency_ms,
        percentile_cont(0.95) within group (order by latency_ms) as p95_latency_ms
    from runs
    group by grouping sets ((site_id, business_date), (business_date))

),

final as (

    select
        days.site_id,
        days.business_date,
        (days.today_date - days.business_date)::bigint as days_ago,
        coalesce(counted.calls, 0) as calls,
        coalesce(counted.success_calls, 0) as success_calls,
        coalesce(counted.failed_calls, 0) as failed_calls,
        coalesce(counted.running_calls, 0) as running_calls,
        coalesce(counted.skipped_calls, 0) as skipped_calls,
        coalesce(counted.other_calls, 0) as other_calls,
        counted.success_calls::numeric
        / nullif(counted.success_calls + counted.failed_calls, 0) as success_rate,
        -- Without a run none was used; without a measured one nobody knows.
        case when counted.calls is null then 0 else counted.tokens end as tokens,
        coalesce(counted.unmeasured_calls, 0) as unmeasured_calls,
        coalesce(counted.latency_calls, 0) as latency_calls,
        counted.avg_latency_ms,
        counted.p95_latency_ms,
        days.business_date = days.today_date as is_today
    from days
    left join counted
        on
            days.site_id = counted.site_id
            and days.business_date = counted.business_date

)

select * from final
