{{
    config(
        materialized='incremental',
        incremental_strategy='new_loads',
        indexes=[
            {'columns': ['ticket_id']},
            {'columns': ['load_id'], 'type': 'brin'},
        ],
    )
}}

with

events as (
    select * from {{ ref('stg_support__events') }}
    where
        event_name in (
            'ticket.created', 'ticket.assigned', 'ticket.status_changed', 'ticket.closed'
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
        ticket_id,
        session_id,
        agent_id,
        to_agent_id,
        to_status,
        ticket_source,
        ticket_type,
        priority,
        resolution_duration_hours,
        sla_met,
        occurred_at,
        {{ local_date('occurred_at') }} as occurred_date
    from events
)

select * from final
