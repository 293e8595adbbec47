{{ config(
    materialized='incremental',
    incremental_strategy='all_rows',
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

    select
        handlings.session_id,
        handlings.handling_number,
        handlings.agent_id,
        handlings.started_at,
        coalesce(handlings.ended_at, (select support_as_of from builds)) as ended_at
    from {{ ref('fct_session_handlings') }} as handlings
    inner join touched
        on
            handlings.agent_id = touched.agent_id
            and (handlings.ended_at is null or handlings.ended_at >= touched.occurred_at)

),

-- a handling belongs to the latest shift whose first evidence is not after the takeover
-- or message that opened it (type ranks 7 and 8; of the shift starts only a logout ranks
-- after them)
in_order as (

    select
        agent_id,
        shift_number,
        null as session_id,
        null as handling_number,
        first_evidence_at as occurred_at,
        first_type_rank as type_rank,
        started_at as shift_started_at,
        null::timestamptz as ended_at
    from shifts
    union all
    select
        agent_id,
        null as shift_number,
        session_id,
        handling_number,
        started_at as occurred_at,
        9 as type_rank,
        null as shift_started_at,
        ended_at
    from handlings

),

assigned as (

    select
        *,
        max(shift_number) over (
            partition by agent_id
            order by occurred_at, type_rank
        ) as opening_shift_number,
        min(shift_started_at) over (
            partition by agent_id
            order by occurred_at desc, type_rank desc
        ) as next_shift_started_at
    from in_order

),

-- in the shift that opened it, and in later ones that it runs into
final as (

    select
        assigned.agent_id,
        shifts.shift_number,
        assigned.session_id,
        assigned.handling_number,
        true as is_opened_in_shift,
        assigned.occurred_at as started_at,
        least(assigned.ended_at, shifts.measured_until_at) as ended_at
    from assigned
    inner join shifts
        on
            assigned.agent_id = shifts.agent_id
            and assigned.opening_shift_number = shifts.shift_number
    where assigned.session_id is not null
    union all
    select
        assigned.agent_id,
        shifts.shift_number,
        assigned.session_id,
        assigned.handling_number,
        false as is_opened_in_shift,
        greatest(assigned.occurred_at, shifts.started_at) as started_at,
        least(assigned.ended_at, shifts.measured_until_at) as ended_at
    from assigned
    inner join shifts
        on
            assigned.agent_id = shifts.agent_id
            and coalesce(assigned.opening_shift_number, 0) < shifts.shift_number
            and assigned.ended_at > shifts.started_at
    where
        assigned.session_id is not null
        -- few run into the next shift: not every one is held against all later shifts
        and assigned.ended_at > assigned.next_shift_started_at

)

select * from final
