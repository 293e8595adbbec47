{{ config(materialized='view') }}

with

counters as (
    select * from {{ ref('int_drop_counters_read') }}
),

-- A heartbeat that landed late may stand below one of a day before.
grown as (
    select
        producer,
        event_date,
        greatest(
            dropped_count - coalesce(
                max(dropped_count) over (
                    partition by producer, boot
                    order by event_date
                    rows between unbounded preceding and 1 preceding
                ),
                0
            ),
            0
        ) as dropped_count
    from counters
),

final as (
    select
        producer,
        event_date,
        sum(dropped_count)::bigint as declared_dropped_events
    from grown
    group by producer, event_date
)

select * from final
