{#- Follows from the ticket's events alone, so only tickets with new events move. -#}
{{
    config(
        incremental_strategy='delete+insert',
        unique_key='ticket_id',
        indexes=[{'columns': ['ticket_id', 'status_number'], 'unique': true}],
    )
}}

with

ticket_events as (
    select * from {{ ref('int_ticket_events') }}
    where ticket_id in (
        select new_events.ticket_id
        from {{ ref('int_ticket_events') }} as new_events
        where {{ in_new_loads() }}
    )
),

ticket_statuses as (
    select * from {{ ref('ticket_statuses') }}
),

ordered as (
    select
        *,
        row_number() over (
            partition by ticket_id
            order by {{ event_order() }}
        ) as event_number
    from ticket_events
),

-- A ticket whose first event says nothing about its status is open until one does.
history as (
    select
        ticket_id,
        case event_name
            when 'ticket.status_changed' then to_status
            when 'ticket.closed' then 'closed'
            else 'open'
        end as status,
        case event_name
            when 'ticket.created' then 'created'
            when 'ticket.status_changed' then 'status_changed'
            when 'ticket.closed' then 'closed'
            else 'first_event'
        end as started_by,
        case when event_name <> 'ticket.assigned' then agent_id end as agent_id,
        event_number,
        occurred_at as started_at
    from ordered
    where event_name <> 'ticket.assigned' or event_number = 1
),

intervals as (
    select
        *,
        row_number() over tickets as status_number,
        lead(started_at) over tickets as ended_at
    from history
    window tickets as (partition by ticket_id order by event_number)
),

final as (
    select
        intervals.ticket_id,
        intervals.agent_id,
        intervals.status,
        -- An unknown status counts as work going on: the clock must not stop unnoticed.
        coalesce(ticket_statuses.category, 'in_progress') as category,
        intervals.started_by,
        intervals.status_number::integer as status_number,
        ticket_statuses.status is not null as is_status_known,
        intervals.started_at,
        intervals.ended_at
    from intervals
    left join ticket_statuses on intervals.status = ticket_statuses.status
)

select * from final
