{#- What producers report of a session, handling, shift or ticket, held against what its
    events say; dated by its start. Clocks and roundings differ: 5 seconds, or a minute
    where a report is in minutes or hours, is no disagreement. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='touched_days',
        indexes=[
            {
                'columns': ['event_date', 'producer', 'event_name', 'field'],
                'unique': true,
            },
        ],
    )
}}

with

sessions as (
    select * from {{ ref('fct_sessions') }}
    where {{ is_touched_day('started_date') }}
),

handlings as (
    select * from {{ ref('fct_session_handlings') }}
),

shifts as (
    select * from {{ ref('fct_agent_shifts') }}
    where {{ is_touched_day('started_date') }}
),

tickets as (
    select * from {{ ref('fct_tickets') }}
    where {{ is_touched_day('created_date') }}
),

-- Who reports: the producer of the entity's last event of that name; a wait is that of the
-- first takeover.
session_producers as (
    select
        marks.session_id,
        marks.event_name,
        (array_agg(marks.producer order by {{ event_order() }}))[
            case marks.event_name when 'agent.session_takeover' then 1 else count(*) end
        ] as producer
    from {{ ref('int_session_marks_collected') }} as marks
    inner join sessions on marks.session_id = sessions.session_id
    where
        marks.event_name in (
            'session.end', 'agent.session_release', 'agent.session_takeover'
        )
    group by marks.session_id, marks.event_name
),

shift_producers as (
    select
        agent_id,
        shift_number,
        producer
    from {{ ref('int_agent_evidence_numbered') }}
    where event_name = 'agent.logout'
),

ticket_producers as (
    select
        events.ticket_id,
        (array_agg(events.producer order by {{ event_order() }}))[count(*)] as producer
    from {{ ref('int_ticket_events') }} as events
    inner join tickets on events.ticket_id = tickets.ticket_id
    where events.event_name = 'ticket.closed'
    group by events.ticket_id
),

-- NULL where only one side says anything.
compared as (
    select
        'session.end' as event_name,
        'duration_seconds' as field,
        sessions.session_id,
        null as producer,
        abs(sessions.reported_duration_seconds - sessions.duration_seconds) > 5 as is_disagreement,
        sessions.started_date as event_date
    from sessions
    union all
    select
        'session.end' as event_name,
        'message_count' as field,
        sessions.session_id,
        null as producer,
        sessions.reported_message_count <> sessions.message_count as is_disagreement,
        sessions.started_date as event_date
    from sessions
    where sessions.ended_at is not null
    union all
    select
        'session.end' as event_name,
        'resolved_by' as field,
        sessions.session_id,
        null as producer,
        case sessions.reported_resolved_by
            when 'ai' then sessions.outcome <> 'ai_resolved'
            when 'human' then sessions.outcome <> 'human'
        end as is_disagreement,
        sessions.started_date as event_date
    from sessions
    where sessions.ended_at is not null
    union all
    select
        'agent.session_takeover' as event_name,
        'wait_duration_seconds' as field,
        sessions.session_id,
        null as producer,
        abs(sessions.reported_wait_seconds - sessions.queue_wait_seconds) > 5 as is_disagreement,
        sessions.started_date as event_date
    from sessions
    where sessions.queue_wait_source = 'measured'
    union all
    select
        'agent.session_release' as event_name,
        'handle_duration_seconds' as field,
        sessions.session_id,
        null as producer,
        abs(handlings.reported_handle_seconds - handlings.handle_seconds) > 5
            as is_disagreement,
        sessions.started_date as event_date
    from handlings
    inner join sessions on handlings.session_id = sessions.session_id
    union all
    select
        'agent.logout' as event_name,
        'work_duration_minutes' as field,
        null as session_id,
        shift_producers.producer,
        abs(shifts.reported_work_minutes - shifts.shift_minutes) > 1 as is_disagreement,
        shifts.started_date as event_date
    from shifts
    inner join shift_producers
        on
            shifts.agent_id = shift_producers.agent_id
            and shifts.shift_number = shift_producers.shift_number
    union all
    select
        'agent.logout' as event_name,
        'sessions_handled' as field,
        null as session_id,
        shift_producers.producer,
        shifts.reported_sessions_handled <> shifts.sessions_handled as is_disagreement,
        shifts.started_date as event_date
    from shifts
    inner join shift_producers
        on
            shifts.agent_id = shift_producers.agent_id
            and shifts.shift_number = shift_producers.shift_number
    union all
    select
        'ticket.closed' as event_name,
        'resolution_duration_hours' as field,
        null as session_id,
        ticket_producers.producer,
        abs(tickets.reported_resolution_hours - tickets.resolution_hours) * 60 > 1
            as is_disagreement,
        tickets.created_date as event_date
    from tickets
    inner join ticket_producers on tickets.ticket_id = ticket_producers.ticket_id
    union all
    select
        'ticket.closed' as event_name,
        'sla_met' as field,
        null as session_id,
        ticket_producers.producer,
        tickets.is_sla_disagreement as is_disagreement,
        tickets.created_date as event_date
    from tickets
    inner join ticket_producers on tickets.ticket_id = ticket_producers.ticket_id
),

final as (
    select
        coalesce(compared.producer, session_producers.producer) as producer,
        compared.event_name,
        compared.field,
        count(*) as compared_count,
        count(*) filter (where compared.is_disagreement) as disagreement_count,
        compared.event_date
    from compared
    left join session_producers
        on
            compared.session_id = session_producers.session_id
            and compared.event_name = session_producers.event_name
    where compared.is_disagreement is not null
    group by
        coalesce(compared.producer, session_producers.producer),
        compared.event_name,
        compared.field,
        compared.event_date
)

select * from final
