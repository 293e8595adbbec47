{{ config(
    materialized='incremental',
    incremental_strategy='touched_evidence',
    indexes=[{'columns': ['agent_id', 'shift_number']}],
) }}

with touched as (

    select * from {{ ref('int_agents_touched') }}

),

cuts as (

    {% if is_incremental() %}
        {{ latest_shift_cuts(this) }}
    {% else %}
        select
            agent_id,
            1 as shift_number,
            '-infinity'::timestamptz as occurred_at
        from touched
    {% endif %}

),

evidence as (

    select
        evidence.*,
        cuts.shift_number as from_shift_number
    from {{ ref('int_agent_evidence_collected') }} as evidence
    inner join cuts
        on
            evidence.agent_id = cuts.agent_id
            and evidence.occurred_at >= cuts.occurred_at

),

followed as (

    select
        *,
        lag(event_name) over in_order as previous_name,
        lag(occurred_at) over in_order as previous_at
    from evidence
    window in_order as (
        partition by agent_id
        order by {{ event_order() }}
    )

),

flagged as (

    select
        *,
        (
            event_name = 'agent.login'
            or previous_name is null
            or previous_name = 'agent.logout'
            or occurred_at - previous_at > case
                when event_name = 'agent.logout' then {{ longest_shift() }}
                else {{ shift_timeout() }}
            end
        ) as is_shift_start
    from followed

),

final as (

    select
        event_id,
        producer,
        sequence,
        type_rank,
        agent_id,
        from_shift_number - 1 + count(*) filter (where is_shift_start) over (
            partition by agent_id
            order by {{ event_order() }}
        ) as shift_number,
        event_name,
        agent_name,
        to_status,
        sessions_handled,
        work_duration_minutes,
        is_shift_start,
        -- what comes before cannot change this shift: it shares no instant with it, and
        -- only a lone logout may start before its evidence
        (
            is_shift_start
            and event_name <> 'agent.logout'
            and (previous_at is null or previous_at < occurred_at)
        ) as is_cut,
        occurred_at
    from flagged

)

select * from final
