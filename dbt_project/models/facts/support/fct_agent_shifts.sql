{{ config(
    incremental_strategy='touched_shifts',
    indexes=[{'columns': ['agent_id', 'shift_number'], 'unique': true}],
) }}

with builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

touched as (

    select * from {{ ref('int_shifts_touched') }}

),

shifts as (

    select shifts.*
    from {{ ref('int_agent_shifts_timed') }} as shifts
    inner join touched
        on
            shifts.agent_id = touched.agent_id
            and shifts.shift_number >= touched.shift_number

),

handlings as (

    select handlings.*
    from {{ ref('int_shift_handlings_clipped') }} as handlings
    inner join touched
        on
            handlings.agent_id = touched.agent_id
            and handlings.shift_number >= touched.shift_number

),

statuses as (

    select
        statuses.agent_id,
        statuses.shift_number,
        statuses.category,
        statuses.started_at,
        coalesce(statuses.ended_at, shifts.measured_until_at) as ended_at
    from {{ ref('fct_agent_statuses') }} as statuses
    inner join shifts
        on
            statuses.agent_id = shifts.agent_id
            and statuses.shift_number = shifts.shift_number

),

status_times as (

    select
        agent_id,
        shift_number,
        sum(ended_at - started_at) filter (where category = 'available') as available_time,
        sum(ended_at - started_at) filter (where category = 'busy') as busy_time,
        sum(ended_at - started_at) filter (where category = 'break') as break_time,
        sum(ended_at - started_at) filter (where category = 'other') as other_time,
        sum(ended_at - started_at) filter (where category = 'unknown') as unknown_time
    from statuses
    group by agent_id, shift_number

),

-- one sweep over the instants at which a handling or a break starts or ends
turns as (

    select
        agent_id,
        shift_number,
        started_at as occurred_at,
        1 as held,
        0 as break
    from handlings
    union all
    select
        agent_id,
        shift_number,
        ended_at,
        -1,
        0
    from handlings
    union all
    select
        agent_id,
        shift_number,
        started_at,
        0,
        1
    from statuses
    where category = 'break'
    union all
    select
        agent_id,
        shift_number,
        ended_at,
        0,
        -1
    from statuses
    where category = 'break'

),

swept as (

    select
        agent_id,
        shift_number,
        sum(held) over in_shift as held_count,
        sum(break) over in_shift as break_count,
        lead(occurred_at) over (
            partition by agent_id, shift_number
            order by occurred_at
        ) - occurred_at as lasted
    from turns
    window in_shift as (
        partition by agent_id, shift_number
        order by occurred_at
        rows between unbounded preceding and current row
    )

),

held_times as (

    select
        agent_id,
        shift_number,
        sum(lasted * held_count) as held_time,
        sum(lasted) filter (where held_count > 0) as held_union_time,
        sum(lasted) filter (where held_count > 0 and break_count = 0) as held_working_time
    from swept
    group by agent_id, shift_number

),

sessions_handled as (

    select
        agent_id,
        shift_number,
        count(distinct session_id) filter (where is_opened_in_shift) as sessions_handled
    from handlings
    group by agent_id, shift_number

),

measured as (

    select
        shifts.*,
        extract(epoch from shifts.measured_until_at - shifts.started_at) as shift_seconds,
        coalesce(extract(epoch from status_times.available_time), 0) as available_seconds,
        coalesce(extract(epoch from status_times.busy_time), 0) as busy_seconds,
        coalesce(extract(epoch from status_times.break_time), 0) as break_seconds,
        coalesce(extract(epoch from status_times.other_time), 0) as other_seconds,
        coalesce(extract(epoch from status_times.unknown_time), 0) as unknown_seconds,
        coalesce(extract(epoch from held_times.held_time), 0) as held_seconds,
        coalesce(extract(epoch from held_times.held_union_time), 0) as held_union_seconds,
        coalesce(extract(epoch from held_times.held_working_time), 0)
            as held_working_seconds,
        coalesce(sessions_handled.sessions_handled, 0) as sessions_handled
    from shifts
    left join status_times
        on
            shifts.agent_id = status_times.agent_id
            and shifts.shift_number = status_times.shift_number
    left join held_times
        on
            shifts.agent_id = held_times.agent_id
            and shifts.shift_number = held_times.shift_number
    left join sessions_handled
        on
            shifts.agent_id = sessions_handled.agent_id
            and shifts.shift_number = sessions_handled.shift_number

),

final as (

    select
        agent_id,
        shift_number,
        end_type,
        sessions_handled,
        shift_seconds / 60 as shift_minutes,
        available_seconds / 60 as available_minutes,
        busy_seconds / 60 as busy_minutes,
        break_seconds / 60 as break_minutes,
        other_seconds / 60 as other_minutes,
        unknown_seconds / 60 as unknown_minutes,
        held_seconds / 60 as held_minutes,
        held_union_seconds / 60 as held_union_minutes,
        held_working_seconds / 60 as held_working_minutes,
        held_working_seconds / nullif(shift_seconds - break_seconds, 0) as occupancy_rate,
        held_seconds / nullif(held_union_seconds, 0) as concurrency,
        reported_work_minutes,
        reported_sessions_handled,
        is_start_observed,
        started_at,
        ended_at,
        measured_until_at,
        (started_at at time zone (select business_timezone from builds))::date
            as started_date
    from measured

)

select * from final
