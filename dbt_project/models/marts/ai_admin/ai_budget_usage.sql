{{ config(
    incremental_strategy='all_rows',
    indexes=[{'columns': ['site_id', 'period'], 'unique': true}],
) }}

with sites as (

    select * from {{ ref('int_ai_sites_dated') }}
    where site_id not in ('(all)', 'unknown')

),

builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

dashboard as (

    select * from {{ ref('ai_dashboard_daily') }}

),

limits as (

    select * from {{ ref('int_ai_rows_current') }}
    where table_name = 'ai_budget_limits'

),

periods as (

    select
        site_id,
        'daily' as period,
        today_date as period_start,
        today_date
    from sites
    union all
    select
        site_id,
        'monthly' as period,
        date_trunc('month', today_date)::date as period_start,
        today_date
    from sites

),

used as (

    select
        periods.site_id,
        periods.period,
        periods.period_start,
        periods.today_date,
        -- As on a day: NULL when there were runs and none was measured.
        case
            when coalesce(sum(dashboard.calls), 0) = 0 then 0
            else sum(dashboard.tokens) filter (where dashboard.calls > 0)
        end as used_tokens,
        coalesce(sum(dashboard.unmeasured_calls), 0) as unmeasured_calls
    from periods
    left join dashboard
        on
            periods.site_id = dashboard.site_id
            and dashboard.business_date between periods.period_start and periods.today_date
    group by
        periods.site_id,
        periods.period,
        periods.period_start,
        periods.today_date

),

valid_limits as (

    select
        used.site_id,
        used.period,
        limits.token_limit,
        row_number() over (
            partition by used.site_id, used.period
            order by
                limits.valid_from desc nulls last,
                limits.valid_from_at desc nulls last,
                limits.row_id asc
        ) as choice
    from used
    cross join builds
    inner join limits
        on
            used.site_id = limits.site_id
            and used.period = limits.period
            and (limits.valid_from is null or used.today_date >= limits.valid_from)
            and (limits.valid_to is null or used.today_date <= limits.valid_to)
            and (
                limits.valid_from_at is null
                or builds.ai_admin_as_of >= limits.valid_from_at
            )
            and (limits.valid_to_at is null or builds.ai_admin_as_of < limits.valid_to_at)

),

final as (

    select
        used.site_id,
        used.period,
        used.period_start,
        used.today_date,
        used.used_tokens,
        used.unmeasured_calls,
        valid_limits.token_limit as limit_tokens,
        used.used_tokens / nullif(valid_limits.token_limit, 0) as used_rate,
        coalesce(used.used_tokens > valid_limits.token_limit, false) as is_over_limit
    from used
    left join valid_limits
        on
            used.site_id = valid_limits.site_id
            and used.period = valid_limits.period
            and valid_limits.choice = 1

)

select * from final
