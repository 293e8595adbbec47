{{ config(
    incremental_strategy='all_rows',
    indexes=[{'columns': ['started_date'], 'unique': true}],
) }}

with sessions as (

    select * from {{ ref('fct_coding_sessions') }}

),

final as (

    select
        started_date,
        count(*) as sessions,
        count(*) filter (where turn_count is null) as recording_only_sessions,
        count(*) filter (where is_carrier_disagreement) as carrier_disagreements,
        count(is_reported_disagreement) as reported_sessions,
        count(*) filter (where is_reported_disagreement) as reported_disagreements,
        sum(turn_count) as turns,
        sum(api_call_count)::bigint as api_calls,
        sum(api_error_count)::bigint as api_errors,
        sum(main_call_count)::bigint as main_calls,
        sum(subagent_call_count)::bigint as subagent_calls,
        sum(internal_call_count)::bigint as internal_calls,
        sum(unmeasured_call_count)::bigint as unmeasured_calls,
        sum(input_tokens) as input_tokens,
        sum(output_tokens) as output_tokens,
        sum(cached_tokens) as cached_tokens,
        sum(thoughts_tokens) as thoughts_tokens,
        sum(total_tokens) as total_tokens,
        sum(internal_total_tokens) as internal_total_tokens,
        sum(cost_amount) as cost_amount,
        sum(internal_cost_amount) as internal_cost_amount,
        min(cost_currency) as cost_currency,
        case
            when count(cost_status) = 0 then null
            when count(cost_status) = count(*) filter (where cost_status = 'priced')
                then 'priced'
            when count(cost_amount) > 0 then 'partial'
            when bool_or(cost_status = 'unpriced') then 'unpriced'
            else 'unmeasured'
        end as cost_status,
        sum(tool_call_count)::bigint as tool_calls,
        sum(tool_success_count)::bigint as tool_successes,
        sum(tool_cancelled_count)::bigint as tool_cancelled,
        sum(tool_success_count) / nullif(sum(tool_call_count), 0)
            as tool_client_success_rate,
        sum(tool_success_count) / nullif(sum(tool_call_count - tool_cancelled_count), 0)
            as tool_success_rate,
        sum(accepted_count + modified_count)
        / nullif(sum(accepted_count + modified_count + rejected_count), 0)
            as acceptance_rate,
        sum(lines_added) as lines_added,
        sum(lines_removed) as lines_removed,
        sum(loop_count) as loops,
        sum(compression_count) as compressions,
        sum(subagent_run_count) as subagent_runs,
        sum(slash_command_count) as slash_commands,
        percentile_cont(0.5) within group (order by duration_seconds)
            as duration_seconds_p50
    from sessions
    group by started_date

)

select * from final
