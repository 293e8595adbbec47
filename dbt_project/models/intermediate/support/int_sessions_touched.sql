{{ config(
    materialized='table',
    indexes=[{'columns': ['session_id'], 'unique': true}],
) }}

with builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

-- not materialized, here and below: read more than once, each time a little
events as not materialized (

    -- a ticket may name a session, but is no part of it
    select * from {{ ref('stg_support__events') }}
    where
        session_id is not null
        and event_name not like 'ticket.%'

),

marks as not materialized (

    select * from {{ ref('int_session_marks_collected') }}

),

with_new_events as (

    select
        session_id,
        bool_or(event_name = 'session.start') as has_new_start
    from events
    where load_id > (select after_load_id from builds)
    group by session_id

),

-- 30 minutes after its last activity an open session times out
timing_out as (

    select session_id
    from events
    where
        occurred_at > (select previous_support_as_of - interval '30 minutes' from builds)
        and occurred_at <= (select support_as_of - interval '30 minutes' from builds)

),

-- 72 hours after its end a session is mature
maturing as (

    select session_id
    from events
    where
        occurred_at > (select previous_support_as_of - interval '72 hours' from builds)
        and occurred_at <= (select support_as_of - interval '72 hours' from builds)

),

-- a session.start, which may correct an earlier one, makes or unmakes repeats of others;
-- a full refresh has all sessions already
customers as (

    select distinct customer_id
    from marks
    where
        session_id in (select session_id from with_new_events where has_new_start)
        and customer_id is not null
        and not (select is_full_refresh from builds)

),

of_same_customers as (

    select session_id
    from marks
    where customer_id in (select customer_id from customers)

),

final as (

    select session_id from with_new_events
    union
    select session_id from timing_out
    union
    select session_id from maturing
    union
    select session_id from of_same_customers

)

select * from final
