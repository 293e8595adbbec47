{{ config(
    materialized='incremental',
    incremental_strategy='touched_sessions',
    indexes=[{'columns': ['session_id'], 'unique': true}],
) }}

with marks as (

    select * from {{ ref('int_session_marks_collected') }}
    where {{ in_touched_sessions() }}

),

-- within a session and kind; ratings without a score stand apart
numbered as (

    select
        *,
        row_number() over (
            partition by session_id, event_name, (score is null)
            order by {{ event_order() }}
        ) as mark_number,
        count(*) over (
            partition by session_id, event_name, (score is null)
        ) as mark_count
    from marks

),

final as (

    select
        session_id,
        -- of the first session.start
        max(customer_id) filter (where event_name = 'session.start' and mark_number = 1)
            as customer_id,
        max(previous_customer_id) filter (
            where event_name = 'session.start' and mark_number = 1
        ) as previous_customer_id,
        max(channel) filter (where event_name = 'session.start' and mark_number = 1)
            as channel,
        max(site) filter (where event_name = 'session.start' and mark_number = 1) as site,
        max(user_agent) filter (where event_name = 'session.start' and mark_number = 1)
            as user_agent,
        -- of the last rating with a score, and the last intent
        max(score) filter (where event_name = 'session.rated' and mark_number = mark_count)
            as rating_score,
        max(intent) filter (where event_name = 'session.intent' and mark_number = mark_count)
            as intent,
        -- of the first takeover
        max(wait_duration_seconds) filter (
            where event_name = 'agent.session_takeover' and mark_number = 1
        ) as reported_wait_seconds,
        -- of the last session.end
        max(duration_seconds) filter (
            where event_name = 'session.end' and mark_number = mark_count
        ) as reported_duration_seconds,
        max(message_count) filter (
            where event_name = 'session.end' and mark_number = mark_count
        ) as reported_message_count,
        max(resolved_by) filter (
            where event_name = 'session.end' and mark_number = mark_count
        ) as reported_resolved_by,
        count(*) filter (where event_name = 'session.escalate') as escalation_count,
        count(*) filter (where event_name = 'agent.session_transfer') as transfer_count,
        min(occurred_at) as first_event_at,
        min(occurred_at) filter (where event_name = 'session.start') as start_observed_at,
        max(occurred_at) filter (
            where event_name in ('session.escalate', 'agent.session_takeover')
        ) as last_activity_at,
        max(occurred_at) filter (where event_name = 'session.end') as end_observed_at
    from numbered
    group by session_id

)

select * from final
