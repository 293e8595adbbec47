{{ config(
    incremental_strategy='touched_sessions',
    indexes=[
        {'columns': ['session_id', 'handling_number'], 'unique': true},
        {'columns': ['agent_id']},
    ],
) }}

with sessions as (

    select * from {{ ref('int_sessions_timed') }}
    where {{ in_touched_sessions() }}

),

events as (

    select
        session_id,
        agent_id,
        event_name,
        handle_duration_seconds,
        message_count,
        event_id,
        producer,
        sequence,
        type_rank,
        occurred_at
    from {{ ref('int_session_marks_collected') }}
    where
        event_name in (
            'agent.session_takeover',
            'agent.session_transfer',
            'agent.session_release',
            'session.end'
        )
        and {{ in_touched_sessions() }}
    union all
    select
        session_id,
        agent_id,
        'agent.session_message' as event_name,
        null as handle_duration_seconds,
        null as message_count,
        event_id,
        producer,
        sequence,
        type_rank,
        occurred_at
    from {{ ref('fct_messages') }}
    where
        sender = 'agent'
        and {{ in_touched_sessions() }}

),

-- a takeover, an agent's message or an end says who holds the session from then on,
-- whatever went before
numbered as (

    select
        *,
        count(*) filter (
            where event_name not in ('agent.session_transfer', 'agent.session_release')
        ) over in_session as group_number,
        row_number() over in_session as event_number
    from events
    window in_session as (
        partition by session_id
        order by {{ event_order() }}
    )

),

holders as (

    select
        *,
        first_value(agent_id) over (
            partition by session_id, group_number
            order by event_number
        ) as holder_id,
        first_value(event_name) over (
            partition by session_id, group_number
            order by event_number
        ) as opening_name
    from numbered
    -- before the first such event nobody holds it
    where group_number > 0

),

-- only the holder can let go
let_go as (

    select
        *,
        min(event_number) filter (
            where event_name in ('agent.session_transfer', 'agent.session_release')
            and agent_id = holder_id
        ) over (partition by session_id, group_number) as let_go_number
    from holders

),

groups as (

    select
        session_id,
        group_number,
        min(holder_id) as agent_id,
        min(opening_name) as opening_name,
        max(event_name) filter (where event_number = let_go_number) as let_go_name,
        max(handle_duration_seconds) filter (
            where event_number = let_go_number and event_name = 'agent.session_release'
        ) as reported_handle_seconds,
        max(message_count) filter (
            where event_number = let_go_number and event_name = 'agent.session_release'
        ) as reported_message_count,
        min(occurred_at) as started_at,
        max(occurred_at) filter (where event_number = let_go_number) as let_go_at
    from let_go
    group by session_id, group_number

),

chained as (

    select
        *,
        lag(agent_id) over in_session as previous_agent_id,
        lag(let_go_at) over in_session as previous_let_go_at,
        lead(opening_name) over in_session as next_name,
        lead(started_at) over in_session as next_at
    from groups
    window in_session as (
        partition by session_id
        order by group_number
    )

),

-- a holder who asserts it again goes on with the same handling
merged as (

    select
        *,
        count(*) filter (
            where previous_agent_id is distinct from agent_id
            or previous_let_go_at is not null
        ) over (
            partition by session_id
            order by group_number
        ) as handling_number
    from chained
    where agent_id is not null

),

spans as (

    select
        session_id,
        handling_number,
        min(agent_id) as agent_id,
        (array_agg(opening_name order by group_number))[1] as opening_name,
        (array_agg(let_go_name order by group_number desc))[1] as let_go_name,
        (array_agg(next_name order by group_number desc))[1] as next_name,
        max(reported_handle_seconds) as reported_handle_seconds,
        max(reported_message_count) as reported_message_count,
        count(*) filter (where opening_name = 'agent.session_message')
            as agent_message_count,
        min(started_at) as started_at,
        min(started_at) filter (where opening_name = 'agent.session_message')
            as first_message_at,
        max(let_go_at) as let_go_at,
        (array_agg(next_at order by group_number desc))[1] as next_at
    from merged
    group by session_id, handling_number

),

closed as (

    select
        spans.*,
        case
            when spans.let_go_name = 'agent.session_release' then 'release'
            when spans.let_go_name = 'agent.session_transfer' then 'transfer'
            when spans.next_name = 'session.end' then 'session_end'
            when spans.next_name is not null then 'implicit_transfer'
            when sessions.ended_at is not null then 'timeout'
        end as closed_by,
        case
            when spans.let_go_at is not null then spans.let_go_at
            when spans.next_at is not null then spans.next_at
            when sessions.ended_at is not null then sessions.last_activity_at
        end as ended_at
    from spans
    inner join sessions on spans.session_id = sessions.session_id

),

final as (

    select
        session_id,
        handling_number,
        agent_id,
        case opening_name
            when 'agent.session_takeover' then 'takeover'
            else 'message'
        end as opened_by,
        closed_by,
        agent_message_count,
        extract(epoch from ended_at - started_at) as handle_seconds,
        extract(epoch from first_message_at - started_at) as first_response_seconds,
        reported_handle_seconds,
        reported_message_count,
        started_at,
        ended_at
    from closed

)

select * from final
