with

load_counts as (
    select * from {{ source('ledger', 'load_counts') }}
    where load_id <= (select max_load_id from {{ ref('stg_casebook__builds') }})
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
