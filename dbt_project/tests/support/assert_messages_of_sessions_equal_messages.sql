-- One row per session, started on a day this build recomputed, whose message_count is not
-- the number of its rows in fct_messages.
with

sessions as (
    select
        session_id,
        message_count
    from {{ ref('fct_sessions') }}
    where {{ is_touched_day('started_date') }}
),

messages as (
    select
        sessions.session_id,
        count(messages.session_id) as row_count
    from sessions
    left join {{ ref('fct_messages') }} as messages
        on sessions.session_id = messages.session_id
    group by sessions.session_id
)

select
    sessions.session_id,
    sessions.message_count,
    messages.row_count
from sessions
inner join messages on sessions.session_id = messages.session_id
where sessions.message_count <> messages.row_count
