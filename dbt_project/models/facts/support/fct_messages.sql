{{ config(
    incremental_strategy='new_loads',
    indexes=[
        {'columns': ['session_id']},
        {'columns': ['occurred_date']},
        {'columns': ['load_id'], 'type': 'brin'},
    ],
) }}

with events as (

    select * from {{ ref('stg_support__events') }}
    where
        event_name in ('session.message', 'agent.session_message')
        and {{ in_new_loads() }}

),

final as (

    select
        event_id,
        producer,
        load_id,
        sequence,
        type_rank,
        session_id,
        agent_id,
        case
            when event_name = 'agent.session_message' then 'agent'
            when role = 'ai' then 'ai'
            else 'customer'
        end as sender,
        message_length,
        response_time_ms,
        occurred_at,
        {{ local_date('occurred_at') }} as occurred_date
    from events

)

select * from final
