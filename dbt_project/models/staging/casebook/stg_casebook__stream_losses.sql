with

stream_losses as (
    select * from {{ source('ledger', 'stream_losses') }}
),

final as (
    select
        -- A stream is called casebook:<source>.
        split_part(stream, ':', 2) as source,
        lost_from,
        entry_count,
        noticed_at
    from stream_losses
)

select * from final
