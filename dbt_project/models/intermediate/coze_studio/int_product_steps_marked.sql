{{ config(
    materialized='incremental',
    incremental_strategy='new_loads',
    indexes=[
        {'columns': ['user_key']},
        {'columns': ['load_id'], 'type': 'brin'},
    ],
) }}

with events as (

    select * from {{ ref('fct_product_events') }}
    where {{ in_new_loads() }}

),

steps as (

    select * from {{ ref('product_funnel_steps') }}

),

final as (

    select
        events.load_id,
        events.user_key,
        events.bot_id,
        steps.step,
        events.occurred_at,
        events.event_date
    from events
    inner join steps
        on
            events.event_name = steps.event_name
            and (
                steps.parameter is null
                or events.params ->> steps.parameter = steps.value
            )
    where events.user_key is not null

)

select * from final
