{#- Sessions whose wait or first answer is unknown because one clock ran too far behind
    the other; the escalation's producer gives the row its name. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='touched_days',
        indexes=[{'columns': ['event_date', 'producer'], 'unique': true}],
    )
}}

with

sessions as (
    select * from {{ ref('fct_sessions') }}
    where {{ is_touched_day('started_date') }}
),

escalations as (
    select * from {{ ref('fct_escalations') }}
    where escalation_number = 1
),

final as (
    select
        escalations.producer,
        count(*) as skewed_count,
        sessions.started_date as event_date
    from sessions
    inner join escalations on sessions.session_id = escalations.session_id
    where
        (sessions.taken_over_at is not null and sessions.queue_wait_seconds is null)
        or (
            sessions.agent_message_count > 0
            and sessions.customer_first_response_seconds is null
        )
    group by escalations.producer, sessions.started_date
)

select * from final
