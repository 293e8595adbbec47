{{ config(
    materialized='incremental',
    incremental_strategy='touched_shifts',
    indexes=[{'columns': ['agent_id', 'shift_number'], 'unique': true}],
) }}

with builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

touched as (

    select * from {{ ref('int_shifts_touched') }}

),

evidence as (

    select evidence.*
    from {{ ref('int_agent_evidence_numbered') }} as evidence
    inner join touched
        on
            evidence.agent_id = touched.agent_id
            and evidence.shift_number >= touched.shift_number

),

spans as (

    select
        agent_id,
        shift_number,
        min(event_name) filter (where is_shift_start) as first_name,
        min(type_rank) filter (where is_shift_start) as first_type_rank,
        count(*) as evidence_count,
        bool_or(event_name = 'agent.logout') as has_logout,
        min(occurred_at) as first_evidence_at,
        max(occurred_at) as last_evidence_at,
        -- of the logout that closes it, the only one in a shift
        max(work_duration_minutes) as reported_work_minutes,
        max(sessions_handled) as reported_sessions_handled
    from evidence
    group by agent_id, shift_number

),

chained as (

    select
        *,
        lag(last_evidence_at) over in_order as previous_ended_at,
        lead(shift_number) over in_order as next_shift_number
    from spans
    window in_order as (
        partition by agent_id
        order by shift_number
    )

),

ended as (

    select
        *,
        case
            when has_logout then 'explicit'
            when
                next_shift_number is not null
                or (select support_as_of from builds) - last_evidence_at
                > {{ shift_timeout() }}
                then 'inferred'
            else 'open'
        end as end_type,
        case
            when
                first_name = 'agent.logout'
                and evidence_count = 1
                and reported_work_minutes * 60
                between 0 and extract(epoch from {{ longest_shift() }})
                then
                    greatest(
                        first_evidence_at - reported_work_minutes * interval '1 minute',
                        previous_ended_at
                    )
            else first_evidence_at
        end as started_at
    from chained

),

final as (

    select
        agent_id,
        shift_number,
        first_name,
        first_type_rank,
        end_type,
        reported_work_minutes,
        reported_sessions_handled,
        first_name = 'agent.login' as is_start_observed,
        first_evidence_at,
        started_at,
        case when end_type <> 'open' then last_evidence_at end as ended_at,
        -- an open shift is measured up to as_of
        case
            when end_type <> 'open' then last_evidence_at
            else (select support_as_of from builds)
        end as measured_until_at
    from ended

)

select * from final
