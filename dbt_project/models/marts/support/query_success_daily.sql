{{
    config(
        incremental_strategy='touched_periods',
        indexes=[{'columns': ['period_start', 'kind', 'carrier'], 'unique': true}],
        meta={'grain': 'day'},
    )
}}

with

periods as (
    select * from {{ ref('int_support_periods') }}
    where grain = 'day'
),

queries as (
    select * from {{ ref('fct_queries') }}
    where {{ is_touched_day('occurred_date') }}
),

measured as (
    select
        occurred_date as period_start,
        kind,
        coalesce(carrier, 'unknown') as carrier,
        count(*) as queries,
        count(success) as queries_known,
        count(*) filter (where success) as queries_succeeded,
        count(*) filter (where is_lookup_result) as lookups,
        count(success) filter (where is_lookup_result) as lookups_known,
        count(*) filter (where is_lookup_result and success) as lookups_succeeded,
        count(response_time_ms) as queries_timed,
        sum(response_time_ms)::numeric as response_ms_sum,
        percentile_cont(array[0.5, 0.9, 0.95]) within group (
            order by response_time_ms::double precision
        ) as response_ms_percentiles
    from queries
    group by occurred_date, kind, coalesce(carrier, 'unknown')
),

final as (
    select
        measured.period_start,
        measured.kind,
        measured.carrier,
        measured.queries,
        measured.queries_known,
        measured.queries_succeeded,
        {{ rate('measured.queries_succeeded', 'measured.queries_known') }}
            as query_success_rate,
        measured.lookups,
        measured.lookups_known,
        measured.lookups_succeeded,
        {{ rate('measured.lookups_succeeded', 'measured.lookups_known') }}
            as lookup_success_rate,
        measured.queries - measured.lookups as retries,
        measured.queries_timed,
        {{ rate('measured.response_ms_sum', 'measured.queries_timed') }} as response_ms_avg,
        measured.response_ms_percentiles[1] as response_ms_p50,
        measured.response_ms_percentiles[2] as response_ms_p90,
        measured.response_ms_percentiles[3] as response_ms_p95,
        periods.is_complete,
        periods.is_mature
    from measured
    inner join periods on measured.period_start = periods.period_start
)

select * from final
