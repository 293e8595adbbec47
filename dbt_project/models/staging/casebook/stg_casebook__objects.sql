with

objects as (
    select * from {{ source('ledger', 'objects') }}
),

final as (
    select
        object_id,
        source,
        object,
        sha256,
        bytes
    from objects
)

select * from final
