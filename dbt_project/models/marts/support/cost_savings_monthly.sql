{{
    config(
        unique_key='period_start',
        indexes=[{'columns': ['period_start'], 'unique': true}],
    )
}}

with

savings as (
    select * from {{ ref('int_cost_savings') }}
    where
        grain = 'month'
    {% if is_incremental() -%}
            and is_touched
        {%- endif %}
),

final as (
    select
        period_start,
        {{ cost_savings_columns() | indent(8) }}
    from savings
)

select * from final
