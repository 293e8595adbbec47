with

rejected_sequences as (
    select * from {{ source('ledger', 'rejected_sequences') }}
    where {{ up_to_watermark() }}
),

final as (
    select
        load_id,
        producer,
        coalesce(boot, '') as boot,
        sequence,
        event_date
    from rejected_sequences
)

select * from final
