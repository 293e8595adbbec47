{{ config(
    incremental_strategy='all_rows',
    indexes=[{'columns': ['event_date', 'model', 'call_kind'], 'unique': true}],
) }}

with calls as (

    select * from {{ ref('fct_coding_api_calls') }}

),

final as (

    select
        event_date,
        model,
        call_kind,
        count(*) as api_calls,
        count(*) filter (where is_error) as api_errors,
        count(*) filter (where is_error)::numeric / count(*) as api_error_rate,
        count(*) filter (where not is_error and usage_status = 'unmeasured')
            as unmeasured_calls,
        count(*) filter (where cost_status = 'unpriced') as unpriced_calls,
        sum(input_tokens) as input_tokens,
        sum(output_tokens) as output_tokens,
        sum(cached_tokens) as cached_tokens,
        sum(thoughts_tokens) as thoughts_tokens,
        sum(total_tokens) as total_tokens,
        sum(cached_tokens) / nullif(sum(input_tokens), 0) as cached_rate,
        sum(cost_amount) as cost_amount,
        min(cost_currency) as cost_currency,
        {{ cost_status_of_calls() }} as cost_status,
        count(duration_ms) filter (where not is_error) as timed_calls,
        percentile_cont(0.5) within group (order by duration_ms) filter (where not is_error)
            as duration_ms_p50,
        percentile_cont(0.9) within group (order by duration_ms) filter (where not is_error)
            as duration_ms_p90,
        percentile_cont(0.95) within group (order by duration_ms) filter (where not is_error)
            as duration_ms_p95,
        count(ttft_ms) as timed_first_tokens,
        percentile_cont(0.5) within group (order by ttft_ms) as ttft_ms_p50,
        percentile_cont(0.9) within group (order by ttft_ms) as ttft_ms_p90,
        percentile_cont(0.95) within group (order by ttft_ms) as ttft_ms_p95
    from calls
    group by event_date, model, call_kind

)

select * from final
