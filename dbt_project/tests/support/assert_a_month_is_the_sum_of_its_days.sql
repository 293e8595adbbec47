-- One row per month whose counts or amounts are not the sum of its days'.
with

days as (
    select
        date_trunc('month', kpis.period_start::timestamp)::date as period_start,
        {% for count in support_counts() -%}
            sum(kpis.{{ count }}) as {{ count }},
        {% endfor -%}
        sum(savings.gross_savings) as gross_savings,
        sum(savings.net_savings_base) as net_savings_base
    from {{ ref('support_kpis_daily') }} as kpis
    inner join {{ ref('cost_savings_daily') }} as savings
        on kpis.period_start = savings.period_start
    group by date_trunc('month', kpis.period_start::timestamp)::date
),

months as (
    select
        kpis.*,
        savings.gross_savings,
        savings.net_savings_base
    from {{ ref('support_kpis_monthly') }} as kpis
    inner join {{ ref('cost_savings_monthly') }} as savings
        on kpis.period_start = savings.period_start
)

select months.period_start
from months
inner join days on months.period_start = days.period_start
where
    {% for count in support_counts() -%}
        months.{{ count }} <> days.{{ count }}
        or {% endfor -%}
    months.gross_savings <> days.gross_savings
    or months.net_savings_base <> days.net_savings_base
