-- One row per session that this build recomputed whose message_count is not the number of its
-- rows in fct_messages.
-- depends_on: {{ ref('int_sessions_reassessed') }}
with

sessions as (
    select
        session_id,
        message_count
    from {{ ref('fct_sessions') }}
    {% if not flags.FULL_REFRESH -%}
        where session_id in (select session_id from {{ ref('int_sessions_reassessed') }})
    {%- endif %}
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
