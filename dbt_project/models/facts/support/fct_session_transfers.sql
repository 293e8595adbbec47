{{ config(
    incremental_strategy='touched_sessions',
    indexes=[
        {
            'columns': [
                'session_id',
                'occurred_at',
                text_hash('producer'),
                text_hash('event_id'),
            ],
            'unique': true,
        },
    ],
) }}

with marks as (

    select * from {{ ref('int_session_marks_collected') }}
    where
        event_name = 'agent.session_transfer'
        and {{ in_touched_sessions() }}

),

handlings as (

    select * from {{ ref('fct_session_handlings') }}
    where {{ in_touched_sessions() }}

),

-- an assertion at a transfer's own instant comes before it
next_handlings as (

    select
        marks.event_id,
        marks.producer,
        marks.session_id,
        marks.occurred_at,
        min(handlings.handling_number) as handling_number
    from marks
    inner join handlings
        on
            marks.session_id = handlings.session_id
            and marks.occurred_at < handlings.started_at
    group by marks.event_id, marks.producer, marks.session_id, marks.occurred_at

),

final as (

    select
        marks.event_id,
        marks.producer,
        marks.session_id,
        marks.agent_id,
        marks.target_agent_id,
        marks.reason,
        coalesce(handlings.agent_id = marks.target_agent_id, false) as is_accepted,
        marks.occurred_at
    from marks
    left join next_handlings
        on
            marks.session_id = next_handlings.session_id
            and marks.event_id = next_handlings.event_id
            and marks.producer = next_handlings.producer
            and marks.occurred_at = next_handlings.occurred_at
    left join handlings
        on
            next_handlings.session_id = handlings.session_id
            and next_handlings.handling_number = handlings.handling_number

)

select * from final
