with

loads as (
    select * from {{ source('ledger', 'loads') }}
    where load_id <= (select max_load_id from {{ ref('stg_casebook__builds') }})
),

final as (
    select
        load_id,
        object_id,
        read_count,
        landed_count,
        duplicate_count,
        quarantined_count,
        loaded_at
    from loads
)

select * from final
