{#- Late by the order of arrival, not by a clock: the source was more than a day further
    when the load came. So a first landing of old history is not late. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='new_loads',
        indexes=[{'columns': ['load_id'], 'type': 'brin'}],
    )
}}

with

events as (
    select
        load_id,
        producer,
        occurred_at
    from {{ ref('stg_support__events') }}
    where {{ in_new_loads() }}
),

loads as (
    select
        load_id,
        max(occurred_at) as latest_occurred_at
    from events
    group by load_id
    {% if is_incremental() %}
        union all
        select
            load_id,
            max(latest_occurred_at) as latest_occurred_at
        from {{ this }}
        where not {{ in_new_loads() }}
        group by load_id
    {% endif %}
),

thresholds as (
    select
        load_id,
        latest_occurred_at,
        max(latest_occurred_at) over (
            order by load_id rows between unbounded preceding and 1 preceding
        ) - interval '1 day' as late_before
    from loads
),

final as (
    select
        events.load_id,
        events.producer,
        count(*) as landed_count,
        count(*) filter (where events.occurred_at < thresholds.late_before) as late_count,
        thresholds.latest_occurred_at,
        {{ local_date('events.occurred_at') }} as event_date
    from events
    inner join thresholds on events.load_id = thresholds.load_id
    group by
        events.load_id,
        events.producer,
        thresholds.latest_occurred_at,
        {{ local_date('events.occurred_at') }}
)

select * from final
