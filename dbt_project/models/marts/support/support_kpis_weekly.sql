{{
    config(
        unique_key='period_start',
        indexes=[{'columns': ['period_start'], 'unique': true}],
    )
}}

with

kpis as (
    select * from {{ ref('int_support_kpis') }}
    where
        grain = 'week'
        and breakdown = 'all'
    {% if is_incremental() -%}
            and is_touched
        {%- endif %}
),

final as (
    select
        period_start,
        {{ support_kpi_columns() | indent(8) }}
    from kpis
)

select * from final
