-- One row per fact of a touched session that fct_sessions does not have: every foreign key
-- session_id of the facts. A call or an error need not name a session.
-- depends_on: {{ ref('int_sessions_touched') }}
with

sessions as (
    select session_id from {{ ref('fct_sessions') }}
),

{% if not flags.FULL_REFRESH -%}
    -- Few if any, so that their facts are found by index.
    touched_without_row as (
        select touched.session_id
        from {{ ref('int_sessions_touched') }} as touched
        left join sessions on touched.session_id = sessions.session_id
        where sessions.session_id is null
    ),

{% endif -%}

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
{% if flags.FULL_REFRESH -%}
    left join sessions on referring.session_id = sessions.session_id
    where
        referring.session_id is not null
        and sessions.session_id is null
{%- else -%}
    where referring.session_id = any(array(select session_id from touched_without_row))
{%- endif %}
group by referring.session_id
