{{ config(
    incremental_strategy='all_rows',
    indexes=[{'columns': ['started_date'], 'unique': true}],
) }}

with days as (

    select * from {{ ref('int_coding_days_listed') }}

),

sessions as (

    select * from {{ ref('fct_coding_sessions') }}

),

counted as (

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
        sum(tool_unknown_count)::bigint as tool_unknown_calls,
        sum(tool_known_count)::bigint as tool_known_calls,
        sum(tool_known_success_count)::bigint as tool_known_successes,
        sum(tool_success_count) / nullif(sum(tool_call_count), 0)
            as tool_client_success_rate,
        sum(tool_known_success_count) / nullif(sum(tool_known_count), 0)
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

),

-- On a day without a session nothing was; on one with sessions NULL is unmeasured.
final as (

    select
        days.event_date as started_date,
        coalesce(counted.sessions, 0) as sessions,
        {% for column in [
            'recording_only_sessions', 'carrier_disagreements',
            'reported_sessions', 'reported_disagreements', 'turns', 'api_calls', 'api_errors',
            'main_calls', 'subagent_calls', 'internal_calls', 'unmeasured_calls',
            'input_tokens', 'output_tokens', 'cached_tokens', 'thoughts_tokens',
            'total_tokens', 'internal_total_tokens',
        ] -%}
            case when counted.sessions is null then 0 else counted.{{ column }} end
                as {{ column }},
        {% endfor -%}
        counted.cost_amount,
        counted.internal_cost_amount,
        counted.cost_currency,
        counted.cost_status,
        {% for column in [
            'tool_calls', 'tool_successes', 'tool_cancelled', 'tool_unknown_calls',
            'tool_known_calls', 'tool_known_successes',
        ] -%}
            coalesce(counted.{{ column }}, 0) as {{ column }},
        {% endfor -%}
        counted.tool_client_success_rate,
        counted.tool_success_rate,
        counted.acceptance_rate,
        {% for column in [
            'lines_added', 'lines_removed', 'loops', 'compressions', 'subagent_runs',
            'slash_commands',
        ] -%}
            case when counted.sessions is null then 0 else counted.{{ column }} end
                as {{ column }},
        {% endfor -%}
        counted.duration_seconds_p50,
        days.is_complete
    from days
    left join counted
        on days.event_date = counted.started_date

)

select * from final
