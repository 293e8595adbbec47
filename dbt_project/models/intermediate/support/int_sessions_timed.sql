{{ config(
    materialized='incremental',
    incremental_strategy='touched_sessions',
    indexes=[
        {'columns': ['session_id'], 'unique': true},
        {'columns': ['customer_id']},
        {'columns': ['previous_customer_id']},
        {'columns': ['ended_at']},
    ],
) }}

with builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

marks as (

    select * from {{ ref('int_session_marks_summed') }}
    where {{ in_touched_sessions() }}

),

messages as (

    select
        session_id,
        count(*) filter (where sender = 'customer') as customer_message_count,
        count(*) filter (where sender = 'ai') as ai_message_count,
        count(*) filter (where sender = 'agent') as agent_message_count,
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_activity_at,
        max(occurred_at) filter (where sender = 'customer') as last_customer_message_at,
        max(occurred_at) filter (where sender = 'ai') as last_ai_message_at,
        min(occurred_at) filter (where sender = 'agent') as first_agent_message_at
    from {{ ref('fct_messages') }}
    where {{ in_touched_sessions() }}
    group by session_id

),

-- session.*, agent.* and query.* may be activity; a call or an error never is
spans as (

    select
        session_id,
        first_event_at,
        last_activity_at
    from marks
    union all
    select
        session_id,
        first_event_at,
        last_activity_at
    from messages
    union all
    select
        session_id,
        min(occurred_at),
        max(occurred_at)
    from {{ ref('fct_queries') }}
    where {{ in_touched_sessions() }}
    group by session_id
    union all
    select
        session_id,
        min(occurred_at),
        null
    from {{ ref('fct_ai_calls') }}
    where session_id is not null and {{ in_touched_sessions() }}
    group by session_id
    union all
    select
        session_id,
        min(occurred_at),
        null
    from {{ ref('fct_api_errors') }}
    where session_id is not null and {{ in_touched_sessions() }}
    group by session_id

),

sessions as (

    select
        session_id,
        min(first_event_at) as first_event_at,
        max(last_activity_at) as last_activity_at
    from spans
    group by session_id

),

started as (

    select
        sessions.session_id,
        marks.customer_id,
        marks.previous_customer_id,
        marks.channel,
        marks.site,
        marks.user_agent,
        marks.intent,
        marks.reported_resolved_by,
        marks.rating_score,
        marks.reported_duration_seconds,
        marks.reported_message_count,
        marks.reported_wait_seconds,
        coalesce(marks.escalation_count, 0) as escalation_count,
        coalesce(marks.transfer_count, 0) as transfer_count,
        coalesce(messages.customer_message_count, 0) as customer_message_count,
        coalesce(messages.ai_message_count, 0) as ai_message_count,
        coalesce(messages.agent_message_count, 0) as agent_message_count,
        marks.start_observed_at is not null as is_start_observed,
        -- at the same instant the AI's message follows the customer's
        coalesce(
            messages.last_ai_message_at >= messages.last_customer_message_at, false
        ) as is_answered_by_ai,
        sessions.first_event_at,
        coalesce(marks.start_observed_at, sessions.first_event_at) as started_at,
        coalesce(
            sessions.last_activity_at, marks.start_observed_at, sessions.first_event_at
        ) as last_activity_at,
        messages.first_agent_message_at,
        -- producers' clocks differ
        case
            when
                sessions.last_activity_at is null
                or sessions.last_activity_at - marks.end_observed_at
                <= {{ clock_skew() }}
                then marks.end_observed_at
        end as explicit_end_at
    from sessions
    left join marks on sessions.session_id = marks.session_id
    left join messages on sessions.session_id = messages.session_id

),

silenced as (

    select
        *,
        (select support_as_of from builds) - last_activity_at >= {{ session_timeout() }}
            as is_silent
    from started

),

final as (

    select
        *,
        case
            when explicit_end_at is not null then 'explicit'
            when is_silent then 'timeout'
            else 'open'
        end as end_type,
        case
            when explicit_end_at is not null then explicit_end_at
            when is_silent then last_activity_at
        end as ended_at
    from silenced

)

select * from final
