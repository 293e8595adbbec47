{{ config(
    incremental_strategy='reassessed_sessions',
    indexes=[
        {'columns': ['session_id'], 'unique': true},
        {'columns': ['started_date']},
    ],
) }}

with builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

sessions as (

    select * from {{ ref('int_sessions_timed') }}
    where {{ in_reassessed_sessions() }}

),

escalations as (

    select * from {{ ref('fct_escalations') }}
    where
        escalation_number = 1
        and {{ in_reassessed_sessions() }}

),

handlings as (

    select
        session_id,
        count(*) as handling_count,
        sum(handle_seconds) as handle_seconds,
        min(agent_id) filter (where handling_number = 1) as first_agent_id,
        min(first_response_seconds) filter (where handling_number = 1)
            as agent_first_response_seconds,
        min(started_at) as taken_over_at
    from {{ ref('fct_session_handlings') }}
    where {{ in_reassessed_sessions() }}
    group by session_id

),

-- while one hash key follows another, a session has its customer's hash under both
customer_sessions as (

    select
        session_id,
        customer_id,
        started_at
    from {{ ref('int_sessions_timed') }}
    where
        customer_id is not null
    {% if is_incremental() %}
            and customer_id in (
                select customer_id from sessions
                union all
                select previous_customer_id from sessions
            )
        {% endif %}

    union all

    select
        session_id,
        previous_customer_id as customer_id,
        started_at
    from {{ ref('int_sessions_timed') }}
    where
        previous_customer_id is not null
    {% if is_incremental() %}
            and previous_customer_id in (
                select customer_id from sessions
                union all
                select previous_customer_id from sessions
            )
        {% endif %}

),

-- groups: sessions that start at the same instant do not follow one another
ordered as (

    select
        session_id,
        first_value(started_at) over (
            partition by customer_id
            order by started_at
            groups between 1 following and 1 following
        ) as next_started_at
    from customer_sessions

),

followed as (

    select
        session_id,
        min(next_started_at) as next_started_at
    from ordered
    group by session_id

),

gaps as (

    select
        sessions.*,
        handlings.handling_count,
        handlings.handle_seconds,
        handlings.first_agent_id,
        handlings.agent_first_response_seconds,
        handlings.taken_over_at,
        escalations.reason as escalation_reason,
        escalations.severity as escalation_severity,
        escalations.trigger_keyword,
        escalations.occurred_at as escalated_at,
        followed.next_started_at,
        handlings.taken_over_at - escalations.occurred_at as queue_gap,
        sessions.first_agent_message_at - escalations.occurred_at as response_gap
    from sessions
    left join handlings on sessions.session_id = handlings.session_id
    left join escalations on sessions.session_id = escalations.session_id
    left join followed on sessions.session_id = followed.session_id

),

-- clocks differ: a gap a little below zero is none, a larger one unknown
measured as (

    select
        *,
        case
            when escalated_at is null then reported_wait_seconds
            when queue_gap >= -{{ clock_skew() }}
                then greatest(extract(epoch from queue_gap), 0)
        end as queue_wait_seconds,
        case
            when response_gap >= -{{ clock_skew() }}
                then greatest(extract(epoch from response_gap), 0)
        end as customer_first_response_seconds
    from gaps

),

final as (

    select
        session_id,
        customer_id,
        first_agent_id,
        site,
        channel,
        user_agent,
        end_type,
        escalation_reason,
        escalation_severity,
        trigger_keyword,
        case
            when end_type = 'open' then 'open'
            when handling_count > 0 then 'human'
            when escalation_count > 0 then 'queue_abandoned'
            when customer_message_count = 0 then 'empty'
            when not is_answered_by_ai then 'ai_abandoned'
            else 'ai_resolved'
        end as outcome,
        intent,
        case
            when queue_wait_seconds is null then null
            when escalated_at is null then 'reported'
            else 'measured'
        end as queue_wait_source,
        reported_resolved_by,
        customer_message_count,
        ai_message_count,
        agent_message_count,
        customer_message_count + ai_message_count + agent_message_count as message_count,
        escalation_count,
        transfer_count,
        rating_score,
        extract(epoch from ended_at - started_at) as duration_seconds,
        queue_wait_seconds,
        agent_first_response_seconds,
        customer_first_response_seconds,
        handle_seconds,
        reported_duration_seconds,
        reported_message_count,
        reported_wait_seconds,
        is_start_observed,
        customer_message_count > 0 as is_engaged,
        (select support_as_of from builds) >= ended_at + {{ repeat_window() }} as is_mature,
        case
            when end_type = 'open' or customer_id is null then null
            else coalesce(next_started_at <= ended_at + {{ repeat_window() }}, false)
        end as is_repeat_within_72h,
        started_at,
        last_activity_at,
        ended_at,
        escalated_at,
        taken_over_at,
        (started_at at time zone (select business_timezone from builds))::date
            as started_date
    from measured

)

select * from final
