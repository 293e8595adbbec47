{#- The greatest counter of a day is the latest: it only grows within a boot. Reading a
    heartbeat twice changes nothing, so what a killed build added does no harm. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['producer', 'boot', 'event_date'],
        indexes=[
            {'columns': ['event_date', 'producer', text_hash('boot')], 'unique': true},
        ],
    )
}}

with

heartbeats as (
    select
        producer,
        coalesce(boot, '') as boot,
        {{ local_date('occurred_at') }} as event_date,
        dropped_count
    from {{ ref('stg_support__events') }}
    where
        event_name = 'tracker.heartbeat'
        and dropped_count is not null
        and {{ in_new_loads() }}
),

known_counters as (
    select * from heartbeats
    {% if is_incremental() %}
        union all
        select
            producer,
            boot,
            event_date,
            dropped_count
        from {{ this }}
        where
            (producer, boot, event_date) in (
                select
                    producer,
                    boot,
                    event_date
                from heartbeats
            )
    {% endif %}
),

final as (
    select
        producer,
        boot,
        event_date,
        max(dropped_count) as dropped_count
    from known_counters
    group by producer, boot, event_date
)

select * from final
