{#- Rows of a load are immutable, so a build adds the loads it has not seen. What a killed
    build added already is replaced, not doubled: the key is the event's identity. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='event_key',
        indexes=[
            {'columns': ['event_key'], 'unique': true},
            {'columns': ['ticket_id']},
            {'columns': ['load_id']},
        ],
    )
}}

with

events as (
    select * from {{ ref('stg_support__events') }}
),

builds as (
    select * from {{ ref('stg_casebook__builds') }}
),

ticket_events as (
    select
        events.event_key,
        events.event_id,
        events.producer,
        events.ticket_id,
        events.session_id,
        events.agent_id,
        events.event_name,
        events.payload ->> 'to_agent_id' as to_agent_id,
        events.payload ->> 'to_status' as to_status,
        events.payload ->> 'source' as source,
        events.payload ->> 'type' as type,
        events.payload ->> 'priority' as priority,
        events.load_id,
        events.type_rank,
        events.sequence,
        (events.payload ->> 'resolution_duration_hours')::numeric
            as resolution_duration_hours,
        (events.payload ->> 'sla_met')::boolean as sla_met,
        events.occurred_at,
        (events.occurred_at at time zone builds.business_timezone)::date
            as occurred_date
    from events
    cross join builds
    where events.event_name in (
        'ticket.created', 'ticket.assigned', 'ticket.status_changed', 'ticket.closed'
    )
    {% if is_incremental() %}
        and events.load_id > builds.after_load_id
    {% endif %}
),

final as (
    select * from ticket_events
)

select * from final
