{{ config(
    materialized='incremental',
    incremental_strategy='all_rows',
    indexes=[{'columns': ['session_id'], 'unique': true}],
) }}

with builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

touched as (

    select * from {{ ref('int_sessions_touched') }}

),

-- not materialized, here and below: read more than once, each time a little
sessions as not materialized (

    select * from {{ ref('int_sessions_timed') }}

),

starts as not materialized (

    select * from {{ ref('int_session_marks_collected') }}
    where event_name = 'session.start'

),

-- sessions that have become mature
maturing as (

    select session_id from sessions
    where
        ended_at > (select previous_support_as_of - {{ repeat_window() }} from builds)
        and ended_at <= (select support_as_of - {{ repeat_window() }} from builds)

),

-- a new start may move its session in time and to another customer: all its starts, and
-- all its customers, are where it may have been or may be now
restarted as (

    select session_id from starts
    where
        {{ of_new_loads() }}
        and not (select is_full_refresh from builds)

),

contacts as (

    select
        customers.customer_id,
        customers.previous_customer_id,
        times.occurred_at
    from starts as customers
    inner join starts as times on customers.session_id = times.session_id
    where
        customers.customer_id is not null
        and customers.session_id in (select session_id from restarted)

),

-- while one hash key follows another, a start has its customer's hash under both
named_contacts as (

    select
        customer_id,
        occurred_at
    from contacts
    union all
    select
        previous_customer_id,
        occurred_at
    from contacts
    where previous_customer_id is not null

),

-- the customer's sessions of which such a contact may be, or may have been, the repeat
followed as (

    select sessions.session_id
    from sessions
    inner join named_contacts as contacts
        on
            sessions.customer_id = contacts.customer_id
            and sessions.started_at < contacts.occurred_at
            and sessions.ended_at >= contacts.occurred_at - {{ repeat_window() }}
    union all
    select sessions.session_id
    from sessions
    inner join named_contacts as contacts
        on
            sessions.previous_customer_id = contacts.customer_id
            and sessions.started_at < contacts.occurred_at
            and sessions.ended_at >= contacts.occurred_at - {{ repeat_window() }}

),

final as (

    select session_id from touched
    union
    select session_id from maturing
    union
    select session_id from followed

)

select * from final
