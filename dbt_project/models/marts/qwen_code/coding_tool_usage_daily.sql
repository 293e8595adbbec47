{{ config(
    incremental_strategy='all_rows',
    indexes=[{'columns': ['event_date', 'tool_name'], 'unique': true}],
) }}

with calls as (

    select * from {{ ref('fct_coding_tool_calls') }}

),

counted as (

    select
        event_date,
        tool_name,
        count(*) as tool_calls,
        count(*) filter (where is_success) as successes,
        count(*) filter (where not is_success) as failures,
        count(*) filter (where is_cancelled) as cancelled,
        count(*) filter (where is_success is null and not is_cancelled) as unknown_calls,
        count(*) filter (where is_outcome_known) as known_calls,
        count(*) filter (where is_outcome_known and is_success) as known_successes,
        count(*) filter (where decision = 'accept') as accepted,
        count(*) filter (where decision = 'modify') as modified,
        count(*) filter (where decision = 'reject') as rejected,
        count(*) filter (where decision = 'auto_accept') as auto_accepted,
        count(*) filter (where decision is null) as undecided,
        sum(lines_added) as lines_added,
        sum(lines_removed) as lines_removed,
        count(duration_ms) as timed_calls,
        percentile_cont(0.5) within group (order by duration_ms) as duration_ms_p50,
        percentile_cont(0.9) within group (order by duration_ms) as duration_ms_p90,
        percentile_cont(0.95) within group (order by duration_ms) as duration_ms_p95,
        percentile_cont(0.5) within group (order by approval_wait_ms)
            as approval_wait_ms_p50
    from calls
    group by event_date, tool_name

),

final as (

    select
        event_date,
        tool_name,
        tool_calls,
        successes,
        failures,
        cancelled,
        unknown_calls,
        known_calls,
        known_successes,
        successes::numeric / tool_calls as client_success_rate,
        known_successes::numeric / nullif(known_calls, 0) as success_rate,
        accepted,
        modified,
        rejected,
        auto_accepted,
        undecided,
        (accepted + modified)::numeric / nullif(accepted + modified + rejected, 0)
            as acceptance_rate,
        lines_added,
        lines_removed,
        timed_calls,
        duration_ms_p50,
        duration_ms_p90,
        duration_ms_p95,
        approval_wait_ms_p50
    from counted

)

select * from final
