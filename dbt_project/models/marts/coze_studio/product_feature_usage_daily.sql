{{ config(
    unique_key='period_start',
    indexes=[{'columns': ['period_start', 'event_name'], 'unique': true}],
) }}

with events as (

    select * from {{ ref('fct_product_events') }}
    where {{ in_touched_product_days() }}

),

final as (

    select
        event_date as period_start,
        event_name,
        bool_or(is_catalogued) as is_catalogued,
        {{ product_usage_measures() }},
        count(*) filter (where violations is not null) as violating_event_count
    from events
    group by event_date, event_name

)

select * from final
