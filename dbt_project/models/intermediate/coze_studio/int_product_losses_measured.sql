{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='device_key',
    indexes=[{'columns': ['device_key', 'app_id', 'event_date'], 'unique': true}],
) }}

with events as (

    select * from {{ ref('fct_product_events') }}
    where event_index is not null and device_key is not null

),

rejected as (

    select * from {{ ref('int_product_sequences_rejected') }}

),

assumptions as (

    select * from {{ ref('product_assumptions') }}

),

touched as (

    select device_key
    from events
    where {{ in_new_loads() }}
    union
    select device_key
    from rejected
    where {{ in_new_loads() }}

),

-- An event that landed and was also rejected, in another copy, landed.
points as (

    select
        app_id,
        device_key,
        event_index,
        event_date,
        false as is_rejected
    from events
    union all
    select
        rejected.app_id,
        rejected.device_key,
        rejected.event_index,
        rejected.event_date,
        true as is_rejected
    from rejected
    left join events
        on
            rejected.app_id = events.app_id
            and rejected.device_key = events.device_key
            and rejected.event_index = events.event_index
    where events.event_index is null

),

ordered as (

    select
        points.app_id,
        points.device_key,
        points.is_rejected,
        coalesce(
            points.event_date,
            max(points.event_date) over (
                partition by points.app_id, points.device_key
                order by points.event_index
                rows between unbounded preceding and current row
            )
        ) as event_date,
        points.event_index - lag(points.event_index) over (
            partition by points.app_id, points.device_key
            order by points.event_index
        ) as index_step
    from points
    where points.device_key = any(array(select touched.device_key from touched))

),

limited as (

    select
        ordered.app_id,
        ordered.device_key,
        ordered.event_date,
        ordered.is_rejected,
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
        -- An index that two events share (one id_conflict landed under another time) is one.
        sum(case when index_step is null then 1 else greatest(index_step, 0) end)::bigint
            as expected_events,
        sum(greatest(index_step - 1, 0))::bigint as lost_events,
        count(*) filter (where is_rejected) as rejected_events
    from limited
    where event_date is not null
    group by app_id, device_key, event_date

)

select * from final
