{{ config(
    incremental_strategy='all_rows',
    indexes=[{'columns': ['site_id', text_hash('app_type')], 'unique': true}],
) }}

with sites as (

    select * from {{ ref('int_ai_sites_dated') }}

),

builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

limits as (

    select
        limits.window_hours * interval '1 hour' as health_window,
        limits.healthy_success_rate,
        limits.failing_success_rate
    from {{ ref('ai_health_limits') }} as limits
    cross join builds
    where limits.valid_from <= (builds.ai_admin_as_of at time zone builds.business_timezone)::date
    order by limits.valid_from desc
    limit 1

),

runs as (

    select
        status_category,
        latency_ms,
        created_at,
        coalesce(site_id, 'unknown') as site_id,
        coalesce(app_type, 'unknown') as app_type
    from {{ ref('fct_ai_runs') }}

),

apps as (

    select
        app_type,
        position
    from {{ ref('ai_apps') }}
    union all
    select distinct
        runs.app_type,
        null::integer as position
    from runs
    where runs.app_type not in (select known.app_type from {{ ref('ai_apps') }} as known)

),

sites_runs as (

    select
        site_id,
        app_type,
        status_category,
        latency_ms,
        created_at
    from runs
    union all
    select
        '(all)' as site_id,
        app_type,
        status_category,
        latency_ms,
        created_at
    from runs

),

marked as (

    select
        sites_runs.*,
        sites_runs.created_at > builds.ai_admin_as_of - limits.health_window as is_recent
    from sites_runs
    cross join builds
    cross join limits

),

counted as (

    select
        site_id,
        app_type,
        max(created_at) as last_run_at,
        max(created_at) filter (where status_category = 'success') as last_success_at,
        count(*) filter (where is_recent) as calls,
        count(*) filter (where is_recent and status_category = 'success') as success_calls,
        count(*) filter (where is_recent and status_category = 'failed') as failed_calls,
        avg(latency_ms) filter (where is_recent) as avg_latency_ms
    from marked
    group by site_id, app_type

),

rated as (

    select
        sites.site_id,
        apps.app_type,
        apps.position,
        counted.last_run_at,
        counted.last_success_at,
        counted.avg_latency_ms,
        coalesce(counted.calls, 0) as calls,
        coalesce(counted.success_calls, 0) as success_calls,
        coalesce(counted.failed_calls, 0) as failed_calls,
        counted.success_calls::numeric
        / nullif(counted.success_calls + counted.failed_calls, 0) as success_rate
    from sites
    cross join apps
    left join counted
        on
            sites.site_id = counted.site_id
            and apps.app_type = counted.app_type

),

final as (

    select
        rated.site_id,
        rated.app_type,
        rated.position,
        case
            when rated.success_rate is null then 'idle'
            when rated.success_rate >= limits.healthy_success_rate then 'healthy'
            when rated.success_rate < limits.failing_success_rate then 'failing'
            else 'degraded'
        end as health,
        rated.calls,
        rated.success_calls,
        rated.failed_calls,
        rated.success_rate,
        rated.avg_latency_ms,
        rated.last_run_at,
        rated.last_success_at
    from rated
    cross join limits

)

select * from final
