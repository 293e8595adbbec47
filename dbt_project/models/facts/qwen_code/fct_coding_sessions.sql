{{ config(
    incremental_strategy='touched_coding_sessions',
    indexes=[{'columns': ['session_id'], 'unique': true}, {'columns': ['started_date']}],
) }}

with carried as (

    select * from {{ ref('int_coding_sessions_carried') }}
    where {{ in_touched_coding_sessions() }}

),

api_calls as (

    select * from {{ ref('int_coding_sessions_api_summed') }}
    where {{ in_touched_coding_sessions() }}

),

tool_calls as (

    select * from {{ ref('int_coding_sessions_tools_summed') }}
    where {{ in_touched_coding_sessions() }}

),

other_events as (

    select * from {{ ref('int_coding_sessions_events_counted') }}
    where {{ in_touched_coding_sessions() }}

),

measured as (

    select * from {{ ref('int_coding_sessions_measured') }}
    where {{ in_touched_coding_sessions() }}

),

turns as (

    select
        session_id,
        count(*) as turn_count
    from {{ ref('fct_coding_turns') }}
    where {{ in_touched_coding_sessions() }}
    group by session_id

),

final as (

    select
        carried.session_id,
        carried.carrier,
        carried.client_version,
        other_events.approval_mode,
        case when carried.has_telemetry then coalesce(turns.turn_count, 0) end as turn_count,
        coalesce(api_calls.api_call_count, 0) as api_call_count,
        coalesce(api_calls.api_error_count, 0) as api_error_count,
        coalesce(api_calls.main_call_count, 0) as main_call_count,
        coalesce(api_calls.subagent_call_count, 0) as subagent_call_count,
        coalesce(api_calls.internal_call_count, 0) as internal_call_count,
        coalesce(api_calls.unmeasured_call_count, 0) as unmeasured_call_count,
        api_calls.input_tokens,
        api_calls.output_tokens,
        api_calls.cached_tokens,
        api_calls.thoughts_tokens,
        api_calls.tool_tokens,
        api_calls.total_tokens,
        api_calls.internal_total_tokens,
        api_calls.api_duration_ms,
        api_calls.cost_amount,
        api_calls.cost_currency,
        api_calls.cost_status,
        api_calls.internal_cost_amount,
        coalesce(tool_calls.tool_call_count, 0) as tool_call_count,
        coalesce(tool_calls.tool_success_count, 0) as tool_success_count,
        coalesce(tool_calls.tool_failure_count, 0) as tool_failure_count,
        coalesce(tool_calls.tool_cancelled_count, 0) as tool_cancelled_count,
        coalesce(tool_calls.tool_unknown_count, 0) as tool_unknown_count,
        coalesce(tool_calls.tool_known_count, 0) as tool_known_count,
        coalesce(tool_calls.tool_known_success_count, 0) as tool_known_success_count,
        coalesce(tool_calls.tool_duration_ms, 0) as tool_duration_ms,
        coalesce(tool_calls.accepted_count, 0) as accepted_count,
        coalesce(tool_calls.rejected_count, 0) as rejected_count,
        coalesce(tool_calls.modified_count, 0) as modified_count,
        coalesce(tool_calls.auto_accepted_count, 0) as auto_accepted_count,
        coalesce(tool_calls.lines_added, 0) as lines_added,
        coalesce(tool_calls.lines_removed, 0) as lines_removed,
        -- Telemetry without such an event says that there was none; a recording says nothing.
        case when carried.has_telemetry then coalesce(other_events.loop_count, 0) end
            as loop_count,
        case when carried.has_telemetry then coalesce(other_events.content_retry_count, 0) end
            as content_retry_count,
        other_events.api_retry_count,
        case when carried.has_telemetry then coalesce(other_events.compression_count, 0) end
            as compression_count,
        case when carried.has_telemetry then coalesce(other_events.subagent_run_count, 0) end
            as subagent_run_count,
        case when carried.has_telemetry then coalesce(other_events.slash_command_count, 0) end
            as slash_command_count,
        carried.telemetry_call_count,
        carried.recording_call_count,
        carried.telemetry_total_tokens,
        carried.recording_total_tokens,
        (carried.telemetry_call_count, carried.telemetry_total_tokens)
        <> (carried.recording_call_count, carried.recording_total_tokens)
        and carried.telemetry_call_count > 0
        and carried.recording_call_count > 0 as is_carrier_disagreement,
        measured.api_calls as reported_api_calls,
        measured.tool_calls as reported_tool_calls,
        measured.input_tokens as reported_input_tokens,
        measured.output_tokens as reported_output_tokens,
        measured.cached_tokens as reported_cached_tokens,
        measured.thoughts_tokens as reported_thoughts_tokens,
        (
            measured.api_calls,
            measured.tool_calls,
            measured.input_tokens,
            measured.output_tokens,
            measured.cached_tokens,
            measured.thoughts_tokens
        ) <> (
            coalesce(api_calls.api_call_count, 0),
            coalesce(tool_calls.tool_call_count, 0),
            coalesce(api_calls.input_tokens, 0),
            coalesce(api_calls.output_tokens, 0),
            coalesce(api_calls.cached_tokens, 0),
            coalesce(api_calls.thoughts_tokens, 0)
        ) as is_reported_disagreement,
        coalesce(other_events.is_end_observed, false) as is_end_observed,
        carried.started_at,
        carried.ended_at,
        extract(epoch from carried.ended_at - carried.started_at) as duration_seconds,
        {{ local_date('carried.started_at') }} as started_date,
        coalesce(api_calls.models, '{}'::jsonb) as models,
        coalesce(tool_calls.tools, '{}'::jsonb) as tools
    from carried
    left join api_calls
        on carried.session_id = api_calls.session_id
    left join tool_calls
        on carried.session_id = tool_calls.session_id
    left join other_events
        on carried.session_id = other_events.session_id
    left join measured
        on carried.session_id = measured.session_id
    left join turns
        on carried.session_id = turns.session_id

)

select * from final
