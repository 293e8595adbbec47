{{ config(
    incremental_strategy='all_rows',
    indexes=[
        {
            'columns': ['site_id', 'business_date', text_hash('app_type')],
            'unique': true,
        },
    ],
) }}

with runs as (

    select
        business_date,
        status_category,
        is_tokens_unmeasured,
        tokens,
        latency_ms,
        coalesce(site_id, 'unknown') as site_id,
        coalesce(app_type, 'unknown') as app_type
    from {{ ref('fct_ai_runs') }}
    where business_date is not null

),

counted as (

    select
        coalesce(site_id, '(all)') as site_id,
        business_date,
        app_type,
        count(*) as calls,
        count(*) filter (where status_category = 'success') as success_calls,
        count(*) filter (where status_category = 'failed') as failed_calls,
        sum(tokens) as tokens,
        count(*) filter (where is_tokens_unmeasured) as unmeasured_calls,
        avg(latency_ms) as avg_latency_ms
    from runs
    group by grouping sets ((site_id, business_date, app_type), (business_date, app_type))

),

final as (

    select
        *,
        calls / sum(calls) over (partition by site_id, business_date) as call_share
    from counted

)

select * from final
