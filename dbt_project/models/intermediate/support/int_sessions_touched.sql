{{ config(
    materialized='incremental',
    incremental_strategy='all_rows',
    indexes=[{'columns': ['session_id'], 'unique': true}],
) }}

-- nothing on a full refresh, which reads every session without asking
with builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

-- not materialized: read twice, each time a little
events as not materialized (

    -- a ticket may name a session, but is no part of it
    select * from {{ ref('stg_support__events') }}
    where
        session_id is not null
        and event_name not like 'ticket.%'

),

with_new_events as (

    select session_id from events
    where
        {{ of_new_loads() }}
        and not (select is_full_refresh from builds)

),

-- so long after its last activity an open session times out
timing_out as (

    select session_id from events
    where
        occurred_at > (
            select previous_support_as_of - {{ session_timeout() }} from builds
        )
        and occurred_at <= (select support_as_of - {{ session_timeout() }} from builds)

),

final as (

    select session_id from with_new_events
    union
    select session_id from timing_out

)

select * from final
