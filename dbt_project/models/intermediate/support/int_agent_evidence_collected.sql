{{ config(
    materialized='incremental',
    incremental_strategy='new_loads',
    indexes=[
        {'columns': ['agent_id', 'occurred_at']},
        {'columns': ['load_id'], 'type': 'brin'},
    ],
) }}

with events as (

    select * from {{ ref('stg_support__events') }}
    where
        (
            event_name like 'agent.%'
            or (event_name = 'ticket.status_changed' and agent_id is not null)
        )
        and {{ in_new_loads() }}

),

final as (

    select
        event_id,
        producer,
        load_id,
        sequence,
        type_rank,
        event_name,
        agent_id,
        agent_name,
        to_status,
        sessions_handled,
        work_duration_minutes,
        occurred_at
    from events

)

select * from final
