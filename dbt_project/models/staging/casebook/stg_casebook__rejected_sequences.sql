with

rejected_sequences as (
    select * from {{ source('ledger', 'rejected_sequences') }}
    where load_id <= (select max_load_id from {{ ref('stg_casebook__builds') }})
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
