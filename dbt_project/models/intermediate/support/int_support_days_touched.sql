{#- A set that follows from the events and the last finished build alone; after a killed
    build it is a superset of what that build wrote. -#}
{{ config(materialized='table') }}

with

builds as (
    select * from {{ ref('stg_casebook__builds') }}
),

events as (
    select * from {{ ref('stg_support__events') }}
),

session_days as (
    select event_date from {{ ref('int_session_days_touched') }}
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
        inner join {{ ref('stg_casebook__builds') }} as builds
            on new_events.load_id > builds.after_load_id
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

-- Calls and errors outside any session count on their own day.
sessionless_days as (
    select (events.occurred_at at time zone builds.business_timezone)::date as event_date
    from events
    inner join builds on events.load_id > builds.after_load_id
    where
        events.session_id is null
        and events.event_name in ('api.coze_call', 'api.error')
),

final as (
    select event_date from session_days
    union
    select event_date from changed_ticket_days
    union
    select created_date from moved_ticket_days
    union
    select resolved_date from moved_ticket_days where resolved_date is not null
    union
    select event_date from sessionless_days
)

select * from final
