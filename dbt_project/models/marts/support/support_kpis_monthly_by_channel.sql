{#- A channel seen for the first time, or for the last, changes every period. -#}
{{
    config(
        unique_key='period_start',
        indexes=[{'columns': ['period_start', 'channel'], 'unique': true}],
    )
}}

with

kpis as (
    select * from {{ ref('int_support_kpis') }}
    where grain = 'month' and breakdown = 'channel'
),

final as (
    select
        period_start,
        breakdown_value as channel,
        {{ support_kpi_columns() | indent(8) }}
    from kpis
    {% if is_incremental() -%}
        where
            is_touched
            or (select array_agg(distinct breakdown_value) from kpis)
            is distinct from (select array_agg(distinct channel) from {{ this }})
    {%- endif %}
)

select * from final
