{#- A set that follows from the events and the last finished build alone; after a killed
    build it is a superset of what that build wrote. A full refresh, which reads every day,
    does not ask for it. -#}
{{ config(
    materialized='incremental',
    incremental_strategy='all_rows',
) }}

with

builds as (
    select * from {{ ref('stg_casebook__builds') }}
),

-- Days of touched sessions, and of new calls and errors outside any session.
session_days as (
    select touched_date as event_date from {{ ref('int_session_days_touched') }}
),

sessions_touched as (
    select * from {{ ref('int_sessions_touched') }}
),

ticket_events as (
    select * from {{ ref('int_ticket_events') }}
),

tickets as (
    select * from {{ ref('fct_tickets') }}
),

-- A ticket with new events: wherever it was counted before, one of its events is there.
changed_ticket_days as (
    select occurred_date as event_date
    from ticket_events
    where ticket_id = any(array(
        select new_events.ticket_id
        from {{ ref('int_ticket_events') }} as new_events
        where {{ of_new_loads() }}
    ))
),

-- Tickets that went over a deadline since the last build, and tickets whose session may
-- have moved to another site or channel.
moved_ticket_days as (
    select
        tickets.created_date,
        tickets.resolved_date
    from tickets
    inner join builds
        on
            (
                tickets.sla_due_at >= builds.previous_support_as_of
                and tickets.sla_due_at < builds.support_as_of
            )
            or (
                tickets.sla_response_due_at >= builds.previous_support_as_of
                and tickets.sla_response_due_at < builds.support_as_of
            )
    union all
    select
        tickets.created_date,
        tickets.resolved_date
    from tickets
    inner join sessions_touched on tickets.session_id = sessions_touched.session_id
),

-- Where a shift of a touched agent starts or started: at evidence, or, for a lone
-- logout, as much before as it may report.
evidence_times as (
    select evidence.occurred_at
    from {{ ref('int_agent_evidence_collected') }} as evidence
    inner join {{ ref('int_shifts_touched') }} as touched
        on
            evidence.agent_id = touched.agent_id
            and evidence.occurred_at >= touched.occurred_at
    where not (select is_full_refresh from builds)
),

-- as_of went over their end, or over the time they are mature; and what is open is
-- measured up to as_of.
flagged_days as (
    select
        generate_series(
            {{ local_date('latest.previous_support_as_of - deadlines.age') }},
            {{ local_date('latest.support_as_of - deadlines.age') }},
            interval '1 day'
        )::date as event_date
    from builds as latest
    cross join (
        values (interval '0 hours'), ({{ repeat_window() }})
    ) as deadlines (age)
),

final as (
    select event_date from flagged_days
    union
    select event_date from session_days
    union
    select event_date from changed_ticket_days
    union
    select created_date from moved_ticket_days
    union
    select resolved_date from moved_ticket_days
    where resolved_date is not null
    union
    select {{ local_date('occurred_at') }} from evidence_times
    union
    select {{ local_date('occurred_at - ' ~ longest_shift()) }} from evidence_times
)

select * from final
