{{
    config(
        incremental_strategy='touched_periods',
        indexes=[{'columns': ['period_start', 'workflow_id'], 'unique': true}],
        meta={'grain': 'day'},
    )
}}

with

periods as (
    select * from {{ ref('int_support_periods') }}
    where grain = 'day'
),

ai_calls as (
    select * from {{ ref('fct_ai_calls') }}
    where {{ is_touched_day('occurred_date') }}
),

measured as (
    select
        occurred_date as period_start,
        coalesce(workflow_id, 'unknown') as workflow_id,
        count(*) as coze_calls,
        count(success) as coze_calls_known,
        count(*) filter (where success) as coze_calls_succeeded,
        count(response_time_ms) as coze_calls_timed,
        sum(response_time_ms)::numeric as coze_call_ms_sum,
        percentile_cont(array[0.5, 0.9, 0.95]) within group (
            order by response_time_ms::double precision
        ) as coze_call_ms_percentiles,
        sum(input_tokens)::bigint as input_tokens,
        sum(output_tokens)::bigint as output_tokens
    from ai_calls
    group by occurred_date, coalesce(workflow_id, 'unknown')
),

final as (
    select
        measured.period_start,
        measured.workflow_id,
        measured.coze_calls,
        measured.coze_calls_known,
        measured.coze_calls_succeeded,
        {{ rate('measured.coze_calls_succeeded', 'measured.coze_calls_known') }}
            as coze_call_success_rate,
        measured.coze_calls_timed,
        {{ rate('measured.coze_call_ms_sum', 'measured.coze_calls_timed') }}
            as coze_call_ms_avg,
        measured.coze_call_ms_percentiles[1] as coze_call_ms_p50,
        measured.coze_call_ms_percentiles[2] as coze_call_ms_p90,
        measured.coze_call_ms_percentiles[3] as coze_call_ms_p95,
        measured.input_tokens,
        measured.output_tokens,
        periods.is_complete,
        periods.is_mature
    from measured
    inner join periods on measured.period_start = periods.period_start
)

select * from final
