{{ config(materialized='ephemeral') }}

with

sessions as (
    select
        *,
        outcome <> 'open' as is_ended,
        escalation_count > 0 as is_escalated,
        outcome = 'queue_abandoned'
        and ended_at - escalated_at >= interval '5 seconds' as is_abandoned_after_5s,
        is_mature and customer_id is not null as is_repeat_known
    from {{ ref('fct_sessions') }}
    where {{ is_touched_day('started_date') }}
),

final as (
    select
        started_date as event_date,
        coalesce(site, 'unknown') as site,
        coalesce(channel, 'unknown') as channel,
        count(*) as sessions,
        count(*) filter (where is_engaged) as engaged_sessions,
        count(*) filter (where is_engaged and is_ended) as engaged_ended_sessions,
        count(*) filter (where outcome = 'ai_resolved') as ai_resolved_sessions,
        count(*) filter (where outcome = 'ai_resolved' and end_type = 'explicit')
            as ai_resolved_explicit_sessions,
        count(*) filter (where outcome = 'ai_abandoned') as ai_abandoned_sessions,
        count(*) filter (where outcome = 'queue_abandoned') as queue_abandoned_sessions,
        count(*) filter (where outcome = 'human') as human_sessions,
        count(*) filter (where outcome = 'human' and agent_message_count = 0)
            as human_silent_sessions,
        count(*) filter (where outcome = 'empty') as empty_sessions,
        count(*) filter (where outcome = 'open') as open_sessions,
        count(*) filter (where is_escalated) as escalated_sessions,
        count(*) filter (where is_escalated and is_ended) as escalated_ended_sessions,
        count(*) filter (where escalation_count > 1) as reescalated_sessions,
        count(*) filter (where is_engaged and (is_escalated or outcome = 'human'))
            as escalated_or_human_sessions,
        count(*) filter (where is_engaged and is_ended and is_repeat_known)
            as durable_eligible_sessions,
        count(*) filter (
            where outcome = 'ai_resolved' and is_repeat_known and not is_repeat_within_72h
        ) as ai_durable_sessions,
        count(*) filter (
            where outcome = 'ai_resolved' and is_repeat_within_72h is not true
        ) as ai_unrepeated_sessions,
        count(*) filter (where is_repeat_known) as repeat_eligible_sessions,
        count(*) filter (where is_repeat_known and is_repeat_within_72h)
            as repeated_sessions,
        sum(message_count)::bigint as session_messages,
        count(queue_wait_seconds) as queue_waits,
        count(*) filter (where queue_wait_seconds <= 30) as queue_waits_within_30s,
        count(*) filter (where is_abandoned_after_5s) as queue_abandoned_after_5s_sessions,
        sum(queue_wait_seconds) as queue_wait_seconds_sum,
        count(agent_first_response_seconds) as agent_first_responses,
        sum(agent_first_response_seconds) as agent_first_response_seconds_sum,
        count(handle_seconds) as handled_sessions,
        sum(handle_seconds) as handle_seconds_sum,
        count(rating_score) as rating_count,
        count(*) filter (where rating_score >= 4) as satisfied_ratings,
        sum(rating_score)::numeric as rating_sum,
        array_agg(queue_wait_seconds::double precision)
        filter (where queue_wait_seconds is not null) as queue_wait_seconds_values,
        array_agg(agent_first_response_seconds::double precision)
        filter (where agent_first_response_seconds is not null)
            as agent_first_response_seconds_values,
        array_agg(handle_seconds::double precision)
        filter (where handle_seconds is not null) as handle_seconds_values,
        array_agg(customer_id) filter (where customer_id is not null)
            as customer_ids
    from sessions
    group by event_date, coalesce(site, 'unknown'), coalesce(channel, 'unknown')
)

select * from final
