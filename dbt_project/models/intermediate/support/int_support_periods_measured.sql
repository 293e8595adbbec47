{{
    config(
        materialized='incremental',
        incremental_strategy='touched_periods',
        indexes=[
            {'columns': ['grain', 'breakdown', 'period_start', 'breakdown_value'],
             'unique': true},
        ],
    )
}}

with

periods as (
    select * from {{ ref('int_support_periods') }}
    {% if is_incremental() %}
        where is_touched
    {% endif %}
),

days as (
    select * from {{ ref('int_support_days_measured') }}
    {% if is_incremental() %}
        where
            event_date >= (
                select min(period_start) from {{ ref('int_support_periods') }}
                where is_touched
            )
    {% endif %}
),

groupings (grain, breakdown) as (
    values
    ('day', 'all'), ('day', 'site'), ('day', 'channel'),
    ('week', 'all'),
    ('month', 'all'), ('month', 'site'), ('month', 'channel')
),

dated_days as (
    select
        groupings.grain,
        groupings.breakdown,
        date_trunc(groupings.grain, days.event_date::timestamp)::date as period_start,
        case groupings.breakdown
            when 'site' then days.site
            when 'channel' then days.channel
            else 'all'
        end as breakdown_value,
        days.*
    from days
    cross join groupings
),

grouped_days as (
    select dated_days.*
    from dated_days
    inner join periods
        on
            dated_days.grain = periods.grain
            and dated_days.period_start = periods.period_start
),

totals as (
    select
        {% for count in support_counts() -%}
            sum({{ count }})::bigint as {{ count }},
        {% endfor -%}
        {% for sum in support_sums() -%}
            sum({{ sum }}) as {{ sum }},
        {% endfor -%}
        grain,
        breakdown,
        period_start,
        breakdown_value
    from grouped_days
    group by grain, breakdown, period_start, breakdown_value
),

customers as (
    select
        grain,
        breakdown,
        period_start,
        breakdown_value,
        count(*) as unique_customers
    from (
        -- Distinct here: a distinct count sorts all values of all groupings.
        select distinct
            grain,
            breakdown,
            period_start,
            breakdown_value,
            unnest(customer_ids) as customer_id
        from grouped_days
    ) as customers
    group by grain, breakdown, period_start, breakdown_value
),

{% for sample in support_samples() -%}
    {{ sample }}_percentiles as (
        select
            grain,
            breakdown,
            period_start,
            breakdown_value,
            percentile_cont(array[0.5, 0.9, 0.95]) within group (order by value)
                as {{ sample }}_percentiles
        from (
            select
                grain,
                breakdown,
                period_start,
                breakdown_value,
                unnest({{ sample }}_values) as value
            from grouped_days
            -- The few days are sorted, not the many values.
            order by grain, breakdown, period_start, breakdown_value
        ) as unnested
        group by grain, breakdown, period_start, breakdown_value
    ),

{% endfor -%}

final as (
    select *
    from totals
    left join customers using (grain, breakdown, period_start, breakdown_value)  -- noqa: ST07
    {% for sample in support_samples() -%}
        left join {{ sample }}_percentiles
            using (grain, breakdown, period_start, breakdown_value)  -- noqa: ST07
    {% endfor %}
)

select * from final
