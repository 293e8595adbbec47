{{
    config(
        incremental_strategy='all_rows',
        indexes=[{'columns': ['period_start', 'valid_from'], 'unique': true}],
    )
}}

with

periods as (
    select * from {{ ref('int_support_periods') }}
    where grain = 'month'
),

cost_assumptions as (
    select
        *,
        lead(valid_from) over (order by valid_from) as valid_until
    from {{ ref('cost_assumptions') }}
),

final as (
    select
        periods.period_start,
        cost_assumptions.currency,
        cost_assumptions.cost_per_human_contact,
        cost_assumptions.ai_cost_per_call,
        cost_assumptions.input_token_price,
        cost_assumptions.output_token_price,
        cost_assumptions.share_needing_human_low,
        cost_assumptions.share_needing_human_base,
        cost_assumptions.share_needing_human_high,
        periods.is_complete,
        periods.is_mature,
        cost_assumptions.valid_from
    from periods
    inner join cost_assumptions
        on
            periods.period_end > cost_assumptions.valid_from
            and (
                periods.period_start < cost_assumptions.valid_until
                or cost_assumptions.valid_until is null
            )
)

select * from final
