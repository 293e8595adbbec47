{{ config(
    materialized='incremental',
    incremental_strategy='all_rows',
    indexes=[{'columns': ['agent_id'], 'unique': true}],
) }}

with touched as (

    select * from {{ ref('int_agents_touched') }}

),

final as (

    {{ latest_shift_cuts(ref('int_agent_evidence_numbered')) }}

)

select * from final
