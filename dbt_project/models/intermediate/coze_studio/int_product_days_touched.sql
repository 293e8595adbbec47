with events as (

    select * from {{ ref('fct_product_events') }}

),

final as (

    select distinct event_date
    from events
    where {{ of_new_loads() }}

)

select * from final
