{#- A name learned later changes rows of any period: all are written. -#}
{{
    config(
        incremental_strategy='all_rows',
        indexes=[{'columns': ['period_start', 'agent_id'], 'unique': true}],
    )
}}

with

agent_kpis as (
    select * from {{ ref('int_agent_kpis') }}
    where grain = 'month'
),

final as (
    select
        period_start,
        {{ agent_performance_columns() | indent(8) }}
    from agent_kpis
)

select * from final
