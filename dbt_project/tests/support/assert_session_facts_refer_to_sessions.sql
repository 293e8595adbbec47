-- One row per fact of a touched session that fct_sessions does not have: every foreign key
-- session_id of the facts. A call or an error need not name a session.
with

touched as (
    select * from {{ ref('int_sessions_touched') }}
),

referring as (
    select session_id from {{ ref('fct_messages') }}
    union all
    select session_id from {{ ref('fct_queries') }}
    union all
    select session_id from {{ ref('fct_ai_calls') }}
    union all
    select session_id from {{ ref('fct_api_errors') }}
    union all
    select session_id from {{ ref('fct_escalations') }}
    union all
    select session_id from {{ ref('fct_session_transfers') }}
    union all
    select session_id from {{ ref('fct_session_handlings') }}
)

select
    referring.session_id,
    count(*) as row_count
from referring
left join {{ ref('fct_sessions') }} as sessions
    on referring.session_id = sessions.session_id
where
    referring.session_id is not null
    and sessions.session_id is null
    {% if not flags.FULL_REFRESH -%}
        and referring.session_id in (select session_id from touched)
    {%- endif %}
group by referring.session_id
