{#- Late by the order of arrival, not by a clock: when the load came, the source had been
    more than a day further, to the quarter of an hour. So a first landing of old history
    is not late. -#}
{{ config(materialized='view') }}

with

arrivals as (
    select * from {{ ref('int_arrivals_counted') }}
),

loads as (
    select
        load_id,
        max(quarter_at) as latest_quarter_at
    from arrivals
    group by load_id
),

thresholds as (
    select
        load_id,
        max(latest_quarter_at) over (
            order by load_id rows between unbounded preceding and 1 preceding
        ) - interval '1 day' as late_before
    from loads
),

final as (
    select
        arrivals.producer,
        sum(arrivals.event_count)::bigint as late_count,
        arrivals.event_date
    from arrivals
    inner join thresholds
        on
            arrivals.load_id = thresholds.load_id
            and arrivals.quarter_at < thresholds.late_before
    group by arrivals.producer, arrivals.event_date
)

select * from final
