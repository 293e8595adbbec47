{{ config(
    incremental_strategy='touched_sessions',
    indexes=[
        {'columns': ['session_id', 'escalation_number'], 'unique': true},
        {'columns': ['occurred_date']},
    ],
) }}

with marks as (

    select * from {{ ref('int_session_marks_collected') }}
    where
        event_name = 'session.escalate'
        and {{ in_touched_sessions() }}

),

final as (

    select
        event_id,
        producer,
        session_id,
        reason,
        severity,
        trigger_keyword,
        row_number() over (
            partition by session_id
            order by {{ event_order() }}
        ) as escalation_number,
        occurred_at,
        {{ local_date('occurred_at') }} as occurred_date
    from marks

)

select * from final
