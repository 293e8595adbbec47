{{ config(
    materialized='incremental',
    incremental_strategy='new_loads',
    indexes=[
        {'columns': ['session_id']},
        {'columns': ['load_id'], 'type': 'brin'},
    ],
) }}

with events as (

    select * from {{ ref('stg_support__events') }}
    where
        event_name in (
            'session.start',
            'session.escalate',
            'session.end',
            'session.rated',
            'session.intent',
            'agent.session_takeover',
            'agent.session_transfer',
            'agent.session_release',
            'agent.session_note'
        )
        and {{ in_new_loads() }}

),

final as (

    select
        event_id,
        producer,
        load_id,
        sequence,
        type_rank,
        event_name,
        session_id,
        agent_id,
        customer_id,
        previous_customer_id,
        target_agent_id,
        channel,
        site,
        user_agent,
        reason,
        severity,
        trigger_keyword,
        intent,
        resolved_by,
        duration_seconds,
        handle_duration_seconds,
        message_count,
        score,
        wait_duration_seconds,
        occurred_at
    from events

)

select * from final
