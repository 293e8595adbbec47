with

loads as (
    select * from {{ source('ledger', 'loads') }}
    where {{ up_to_watermark() }}
),

final as (
    select
        load_id,
        object_id,
        read_count,
        landed_count,
        duplicate_count,
        quarantined_count,
        erased_count,
        loaded_at
    from loads
)

select * from final
