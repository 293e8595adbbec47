{{ config(
    incremental_strategy='all_rows',
    indexes=[{'columns': ['event_date'], 'unique': true}],
) }}

with days as (

    select * from {{ ref('int_coding_days_listed') }}

),

api_calls as (

    select
        api_calls.*,
        sessions.carrier
    from {{ ref('fct_coding_api_calls') }} as api_calls
    inner join {{ ref('fct_coding_sessions') }} as sessions
        on api_calls.session_id = sessions.session_id

),

tool_calls as (

    select
        tool_calls.*,
        sessions.carrier
    from {{ ref('fct_coding_tool_calls') }} as tool_calls
    inner join {{ ref('fct_coding_sessions') }} as sessions
        on tool_calls.session_id = sessions.session_id

),

-- By which carriers a day's events came: prompts and the rest are told by telemetry alone.
carriers as (

    select
        event_date,
        carrier
    from api_calls
    union distinct
    select
        event_date,
        carrier
    from tool_calls
    union distinct
    select
        event_date,
        'telemetry' as carrier
    from {{ ref('fct_coding_events') }}
    union distinct
    select
        event_date,
        'telemetry' as carrier
    from {{ ref('fct_coding_turns') }}

),

days_told as (

    select
        event_date,
        bool_or(carrier = 'telemetry') as is_told
    from carriers
    group by event_date

),

calls as (

    select
        event_date,
        count(*) as api_calls,
        count(*) filter (where is_error) as api_errors,
        count(*) filter (where error_class = 'rate_limit') as rate_limit_errors,
        count(*) filter (where error_class = 'authorization') as authorization_errors,
        count(*) filter (where error_class = 'timeout') as timeout_errors,
        count(*) filter (where error_class = 'bad_request') as bad_request_errors,
        count(*) filter (where error_class = 'server_error') as server_errors,
        count(*) filter (where error_class = 'cancelled') as cancelled_errors,
        count(*) filter (where error_class = 'connection') as connection_errors,
        count(*) filter (where error_class = 'other') as other_errors
    from api_calls
    group by event_date

),

measured as (

    select
        event_date,
        event_name,
        {{ field_number('tokens_before') }} as tokens_before,
        {{ field_number('tokens_after') }} as tokens_after
    from {{ ref('fct_coding_events') }} as events

),

events as (

    select
        event_date,
        count(*) filter (where event_name = 'loop_detected') as loops,
        count(*) filter (where event_name = 'chat.content_retry') as content_retries,
        count(*) filter (where event_name = 'chat.content_retry_failure')
            as content_retry_failures,
        count(*) filter (where event_name = 'chat_compression') as compressions,
        sum(tokens_before - tokens_after) filter (where event_name = 'chat_compression')
            as compressed_tokens,
        sum(tokens_before) filter (
            where event_name = 'chat_compression' and tokens_after is not null
        ) as compression_tokens_before,
        count(*) filter (where event_name = 'ripgrep_fallback') as ripgrep_fallbacks,
        -- No known version of the client emits these: nothing is not 0.
        nullif(count(*) filter (where event_name = 'api_retry'), 0) as api_retries,
        nullif(count(*) filter (where event_name = 'user_retry'), 0) as user_retries,
        nullif(count(*) filter (where event_name = 'api_cancel'), 0) as api_cancels,
        nullif(count(*) filter (where event_name = 'flash_fallback'), 0) as flash_fallbacks,
        nullif(count(*) filter (where event_name = 'chat.invalid_chunk'), 0)
            as invalid_chunks,
        nullif(count(*) filter (where event_name = 'malformed_json_response'), 0)
            as malformed_responses
    from measured
    group by event_date

),

final as (

    select
        days.event_date,
        coalesce(calls.api_calls, 0) as api_calls,
        coalesce(calls.api_errors, 0) as api_errors,
        calls.api_errors::numeric / nullif(calls.api_calls, 0) as api_error_rate,
        coalesce(calls.rate_limit_errors, 0) as rate_limit_errors,
        coalesce(calls.authorization_errors, 0) as authorization_errors,
        coalesce(calls.timeout_errors, 0) as timeout_errors,
        coalesce(calls.bad_request_errors, 0) as bad_request_errors,
        coalesce(calls.server_errors, 0) as server_errors,
        coalesce(calls.cancelled_errors, 0) as cancelled_errors,
        coalesce(calls.connection_errors, 0) as connection_errors,
        coalesce(calls.other_errors, 0) as other_errors,
        -- Recordings alone do not tell it; where nothing was at all, it was not either.
        {% for column in [
            'loops', 'content_retries', 'content_retry_failures', 'compressions',
        ] -%}
            case when coalesce(days_told.is_told, true) then coalesce(events.{{ column }}, 0) end
                as {{ column }},
        {% endfor -%}
        events.compressed_tokens,
        events.compressed_tokens / nullif(events.compression_tokens_before, 0)
            as compressed_rate,
        case when coalesce(days_told.is_told, true) then coalesce(events.ripgrep_fallbacks, 0) end
            as ripgrep_fallbacks,
        events.api_retries,
        events.user_retries,
        events.api_cancels,
        events.flash_fallbacks,
        events.invalid_chunks,
        events.malformed_responses,
        days.is_complete
    from days
    left join days_told
        on days.event_date = days_told.event_date
    left join calls
        on days.event_date = calls.event_date
    left join events
        on days.event_date = events.event_date

)

select * from final
