{{ config(
    incremental_strategy='touched_shifts',
    indexes=[{'columns': ['agent_id', 'shift_number', 'status_number'], 'unique': true}],
) }}

with touched as (

    select * from {{ ref('int_shifts_touched') }}

),

categories as (

    select * from {{ ref('agent_statuses') }}

),

shifts as (

    select shifts.*
    from {{ ref('int_agent_shifts_timed') }} as shifts
    inner join touched
        on
            shifts.agent_id = touched.agent_id
            and shifts.shift_number >= touched.shift_number

),

changes as (

    select evidence.*
    from {{ ref('int_agent_evidence_numbered') }} as evidence
    inner join touched
        on
            evidence.agent_id = touched.agent_id
            and evidence.shift_number >= touched.shift_number
    where evidence.event_name = 'agent.status_change'

),

-- a login makes available; before the first status of any other start it is unknown
first_statuses as (

    select
        agent_id,
        shift_number,
        case when is_start_observed then 'available' else 'unknown' end as status,
        started_at
    from shifts
    where first_name <> 'agent.status_change'

),

numbered as (

    select
        agent_id,
        shift_number,
        0 as change_number,
        status,
        status as category,
        started_at
    from first_statuses
    union all
    select
        changes.agent_id,
        changes.shift_number,
        row_number() over (
            partition by changes.agent_id, changes.shift_number
            order by {{ event_order() }}
        ) as change_number,
        changes.to_status as status,
        coalesce(categories.category, 'other') as category,
        changes.occurred_at as started_at
    from changes
    left join categories on changes.to_status = categories.status

),

followed as (

    select
        *,
        row_number() over in_shift as status_number,
        lead(started_at) over in_shift as next_started_at
    from numbered
    window in_shift as (
        partition by agent_id, shift_number
        order by change_number
    )

),

final as (

    select
        followed.agent_id,
        followed.shift_number,
        followed.status_number,
        followed.status,
        followed.category,
        followed.started_at,
        coalesce(followed.next_started_at, shifts.ended_at) as ended_at
    from followed
    inner join shifts
        on
            followed.agent_id = shifts.agent_id
            and followed.shift_number = shifts.shift_number

)

select * from final
