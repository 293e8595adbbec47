{{
    config(
        incremental_strategy='all_rows',
        indexes=[{'columns': ['period_start', 'source'], 'unique': true}],
    )
}}

with

days as (
    select * from {{ ref('data_quality_daily') }}
),

sources as (
    select * from {{ ref('int_sources_timed') }}
),

summed as (
    select
        date_trunc('month', event_date::timestamp)::date as period_start,
        source,
        sum(landed_count)::bigint as landed_count,
        sum(duplicate_count)::bigint as duplicate_count,
        sum(quarantined_count)::bigint as quarantined_count,
        sum(late_count)::bigint as late_count,
        sum(lost_events)::bigint as lost_events,
        sum(declared_dropped_events)::bigint as declared_dropped_events,
        sum(trimmed_events)::bigint as trimmed_events,
        sum(rejected_events)::bigint as rejected_events,
        sum(skewed_count)::bigint as skewed_count,
        sum(violation_count)::bigint as violation_count,
        sum(compared_report_count)::bigint as compared_report_count,
        sum(disagreement_count)::bigint as disagreement_count,
        sum(expected_events)::bigint as expected_events
    from days
    group by date_trunc('month', event_date::timestamp)::date, source
),

timed as (
    select
        summed.*,
        sources.as_of,
        (summed.period_start + interval '1 month') at time zone sources.business_timezone
            as ends_at
    from summed
    left join sources on summed.source = sources.source
),

final as (
    select
        period_start,
        source,
        landed_count,
        duplicate_count,
        quarantined_count,
        late_count,
        lost_events,
        declared_dropped_events,
        trimmed_events,
        rejected_events,
        skewed_count,
        violation_count,
        compared_report_count,
        disagreement_count,
        expected_events,
        {{ rate('lost_events', 'expected_events') }} as loss_rate,
        {{ loss_upper_95('lost_events', 'expected_events') }} as loss_rate_upper_95,
        coalesce({{ is_complete('ends_at', 'as_of') }}, false) as is_complete,
        coalesce({{ is_mature('ends_at', 'as_of') }}, false) as is_mature
    from timed
)

select * from final
