with events as (

    select * from {{ ref('fct_product_events') }}

),

builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

final as (

    select distinct event_date
    from events
    where load_id > (select after_load_id from builds)

)

select * from final
