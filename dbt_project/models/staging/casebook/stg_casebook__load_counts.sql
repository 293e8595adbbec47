with

load_counts as (
    select * from {{ source('ledger', 'load_counts') }}
    where {{ up_to_watermark() }}
),

final as (
    select
        load_id,
        producer,
        event_name,
        outcome,
        reason,
        line_count,
        event_date
    from load_counts
)

select * from final
