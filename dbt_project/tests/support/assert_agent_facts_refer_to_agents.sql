-- One row per agent of a fact that dim_agents does not have. The target of a transfer need
-- never have acted, so it is no foreign key. Of sessions those started on a day this build
-- recomputed.
-- depends_on: {{ ref('int_support_days_touched') }}
with

referring as (
    select agent_id from {{ ref('fct_agent_shifts') }}
    union
    select agent_id from {{ ref('fct_agent_statuses') }}
    union
    select agent_id from {{ ref('fct_session_handlings') }}
    union
    select agent_id from {{ ref('fct_session_transfers') }}
    union
    select first_agent_id from {{ ref('fct_sessions') }}
    where
        first_agent_id is not null
        and {{ is_touched_day('started_date') }}
)

select referring.agent_id
from referring
left join {{ ref('dim_agents') }} as agents on referring.agent_id = agents.agent_id
where agents.agent_id is null
