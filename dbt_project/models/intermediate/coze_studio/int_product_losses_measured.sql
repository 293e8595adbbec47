{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='device_key',
    indexes=[{'columns': ['device_key']}],
) }}

with events as (

    select * from {{ ref('fct_product_events') }}
    where event_index is not null and device_key is not null

),

assumptions as (

    select * from {{ ref('product_assumptions') }}

),

touched as (

    select distinct device_key
    from events
    where {{ in_new_loads() }}

),

ordered as (

    select
        events.app_id,
        events.device_key,
        events.event_date,
        events.event_index - lag(events.event_index) over (
            partition by events.app_id, events.device_key
            order by events.event_index
        ) as index_step
    from events
    where events.device_key = any(array(select touched.device_key from touched))

),

limited as (

    select
        ordered.app_id,
        ordered.device_key,
        ordered.event_date,
        case
            when ordered.index_step - 1 <= (
                select assumptions.max_index_gap
                from assumptions
                where assumptions.valid_from <= ordered.event_date
                order by assumptions.valid_from desc
                limit 1
            ) then ordered.index_step
        end as index_step
    from ordered

),

final as (

    select
        app_id,
        device_key,
        event_date,
        sum(coalesce(greatest(index_step, 1), 1)) as expected_events,
        sum(coalesce(greatest(index_step - 1, 0), 0)) as lost_events
    from limited
    group by app_id, device_key, event_date

)

select * from final
