{{ config(
    materialized='incremental',
    incremental_strategy='all_rows',
    indexes=[{'columns': ['agent_id'], 'unique': true}],
) }}

with builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

with_new_evidence as (

    select
        agent_id,
        occurred_at
    from {{ ref('int_agent_evidence_collected') }}
    where {{ of_new_loads() }}

),

-- a shift that was open at the previous as_of has evidence shortly before it
with_open_shift as (

    select
        agent_id,
        occurred_at
    from {{ ref('stg_support__events') }}
    where
        (
            event_name like 'agent.%'
            or (event_name = 'ticket.status_changed' and agent_id is not null)
        )
        and occurred_at >= (select previous_support_as_of - {{ shift_timeout() }} from builds)

),

-- whoever takes part in a touched session; an agent's first handling there starts where
-- any of his earlier or later versions can start first
with_touched_handling as (

    select
        agent_id,
        started_at as occurred_at
    from {{ ref('fct_session_handlings') }}
    where
        session_id in (select session_id from {{ ref('int_sessions_touched') }})

),

final as (

    select
        agent_id,
        min(occurred_at) as touched_from_at
    from (
        select * from with_new_evidence
        union all
        select * from with_open_shift
        union all
        select * from with_touched_handling
    ) as touched
    group by agent_id

)

select * from final
