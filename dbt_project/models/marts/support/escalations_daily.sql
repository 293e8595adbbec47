{{
    config(
        incremental_strategy='touched_periods',
        indexes=[
            {
                'columns': [
                    'period_start',
                    'reason',
                    text_hash('severity'),
                    text_hash('trigger_keyword'),
                ],
                'unique': true,
            },
        ],
        meta={'grain': 'day'},
    )
}}

with

periods as (
    select * from {{ ref('int_support_periods') }}
    where grain = 'day'
),

escalations as (
    select * from {{ ref('fct_escalations') }}
    where {{ is_touched_day('occurred_date') }}
),

sessions as (
    select * from {{ ref('fct_sessions') }}
),

measured as (
    select
        escalations.occurred_date as period_start,
        coalesce(escalations.reason, 'unknown') as reason,
        coalesce(escalations.severity, 'unknown') as severity,
        coalesce(escalations.trigger_keyword, 'none') as trigger_keyword,
        count(*) as escalations,
        count(*) filter (where escalations.escalation_number = 1) as escalated_sessions,
        count(*) filter (
            where escalations.escalation_number = 1 and sessions.outcome = 'human'
        ) as human_sessions,
        count(*) filter (
            where escalations.escalation_number = 1
            and sessions.outcome = 'queue_abandoned'
        ) as queue_abandoned_sessions
    from escalations
    left join sessions on escalations.session_id = sessions.session_id
    group by
        escalations.occurred_date,
        coalesce(escalations.reason, 'unknown'),
        coalesce(escalations.severity, 'unknown'),
        coalesce(escalations.trigger_keyword, 'none')
),

final as (
    select
        measured.*,
        periods.is_complete,
        periods.is_mature
    from measured
    inner join periods on measured.period_start = periods.period_start
)

select * from final
