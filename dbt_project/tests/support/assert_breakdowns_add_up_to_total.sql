-- One row per period and breakdown whose values do not add up to the row of all.
with

measured as (
    select * from {{ ref('int_support_periods_measured') }}
),

sums as (
    select
        {% for count in support_counts() -%}
            sum({{ count }}) as {{ count }},
        {% endfor -%}
        grain,
        period_start,
        breakdown
    from measured
    where grain <> 'week'
    group by grain, period_start, breakdown
)

select
    sums.grain,
    sums.period_start,
    sums.breakdown
from sums
inner join sums as totals
    on
        sums.grain = totals.grain
        and sums.period_start = totals.period_start
        and totals.breakdown = 'all'
where
    {% for count in support_counts() -%}
        {{ 'or ' if not loop.first }}sums.{{ count }} <> totals.{{ count }}
    {% endfor %}
