{{ config(materialized='view') }}

with

kpis as (
    select * from {{ ref('support_kpis_monthly') }}
),

savings as (
    select * from {{ ref('cost_savings_monthly') }}
),

days as (
    select min(period_start) as first_date from {{ ref('support_kpis_daily') }}
),

months as (
    select
        kpis.period_start,
        savings.currency,
        {% for metric in headline_metrics()['kpis'] -%}
            kpis.{{ metric }},
        {% endfor -%}
        {% for metric in headline_metrics()['savings'] -%}
            savings.{{ metric }},
        {% endfor -%}
        kpis.is_complete,
        kpis.is_mature,
        -- A month in whose middle the data begins is no measure for the next.
        kpis.is_complete and days.first_date <= kpis.period_start as is_whole
    from kpis
    inner join savings on kpis.period_start = savings.period_start
    cross join days
),

final as (
    select
        months.*,
        {% for metrics in headline_metrics().values() -%}
            {% for metric in metrics -%}
                previous.{{ metric }} as previous_{{ metric }},
            {% endfor -%}
        {% endfor -%}
        previous.period_start as previous_period_start,
        coalesce(months.is_complete and previous.is_whole, false) as is_comparable
    from months
    left join months as previous
        on
            months.period_start = (previous.period_start + interval '1 month')::date
            and previous.is_complete
)

select * from final
