{{ config(
    incremental_strategy='all_rows',
    indexes=[{'columns': ['event_name', 'parameter', 'issue'], 'unique': true}],
) }}

with usage as (

    select
        event_name,
        bool_or(is_catalogued) as is_catalogued,
        sum(event_count)::bigint as event_count,
        min(period_start) as first_date,
        max(period_start) as last_date
    from {{ ref('product_feature_usage_daily') }}
    group by event_name

),

catalogue as (

    select * from {{ ref('product_event_catalogue') }}

),

violating as (

    select
        event_name,
        user_key,
        app_id,
        event_date,
        broken_envelope,
        params,
        jsonb_array_elements_text(violations) as parameter
    from {{ ref('fct_product_events') }}
    where violations is not null

),

unplanned as (

    select
        event_name,
        user_key,
        app_id,
        event_date,
        jsonb_array_elements_text(unknown_parameters) as parameter
    from {{ ref('fct_product_events') }}
    where unknown_parameters is not null

),

observed as (

    select
        event_name,
        parameter,
        user_key,
        app_id,
        event_date,
        case
            when
                params ? parameter
                or params ? (parameter || '_length')
                or params ? (parameter || '_count')
                or coalesce(broken_envelope ? parameter, false)
                then 'broken_parameter'
            else 'missing_parameter'
        end as issue
    from violating
    union all
    select
        event_name,
        parameter,
        user_key,
        app_id,
        event_date,
        'unknown_parameter' as issue
    from unplanned

),

counted as (

    select
        event_name,
        parameter,
        issue,
        count(*) as event_count,
        count(distinct user_key) as user_count,
        string_agg(distinct app_id, ', ' order by app_id) as apps,
        min(event_date) as first_date,
        max(event_date) as last_date
    from observed
    group by event_name, parameter, issue

),

issues as (

    select * from counted
    union all
    select
        event_name,
        '(event)' as parameter,
        'unknown_event' as issue,
        event_count,
        null::bigint as user_count,
        null::text as apps,
        first_date,
        last_date
    from usage
    where not is_catalogued
    union all
    select
        catalogue.event_name,
        '(event)' as parameter,
        'never_seen' as issue,
        0 as event_count,
        0 as user_count,
        null::text as apps,
        null::date as first_date,
        null::date as last_date
    from catalogue
    left join usage
        on catalogue.event_name = usage.event_name
    where usage.event_name is null

),

final as (

    select
        issues.event_name,
        issues.parameter,
        issues.issue,
        catalogue.description,
        issues.apps,
        issues.event_count,
        issues.user_count,
        coalesce(usage.event_count, 0) as sent_event_count,
        issues.event_count::numeric / nullif(usage.event_count, 0) as event_rate,
        issues.first_date,
        issues.last_date
    from issues
    left join usage
        on issues.event_name = usage.event_name
    left join catalogue
        on issues.event_name = catalogue.event_name

)

select * from final
