{{ config(
    incremental_strategy='delete+insert',
    unique_key='agent_id',
    indexes=[{'columns': ['agent_id'], 'unique': true}],
) }}

with evidence as (

    select * from {{ ref('int_agent_evidence_collected') }}

),

touched as (

    select distinct agent_id
    from evidence
    where {{ in_new_loads() }}

),

final as (

    select
        agent_id,
        (
            array_agg(
                agent_name order by occurred_at desc, type_rank desc, sequence desc nulls first,
                event_id collate "C" desc, producer collate "C" desc
            ) filter (where agent_name is not null)
        )[1] as agent_name,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from evidence
    where agent_id in (select agent_id from touched)
    group by agent_id

)

select * from final
