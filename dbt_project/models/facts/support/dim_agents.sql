{{ config(
    incremental_strategy='delete+insert',
    unique_key='agent_id',
    indexes=[{'columns': ['agent_id'], 'unique': true}],
) }}

-- not materialized: read three times, each time a part
with evidence as not materialized (

    select * from {{ ref('int_agent_evidence_collected') }}

),

touched as (

    select distinct agent_id
    from evidence
    where {{ in_new_loads() }}

),

seen as (

    select
        agent_id,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from evidence
    where agent_id in (select agent_id from touched)
    group by agent_id

),

names_numbered as (

    select
        agent_id,
        agent_name,
        row_number() over (
            partition by agent_id
            order by {{ event_order() }}
        ) as name_number,
        count(*) over (partition by agent_id) as name_count
    from evidence
    where
        agent_name is not null
        and agent_id in (select agent_id from touched)

),

final as (

    select
        seen.agent_id,
        names_numbered.agent_name,
        seen.first_seen_at,
        seen.last_seen_at
    from seen
    left join names_numbered
        on
            seen.agent_id = names_numbered.agent_id
            and names_numbered.name_number = names_numbered.name_count

)

select * from final
