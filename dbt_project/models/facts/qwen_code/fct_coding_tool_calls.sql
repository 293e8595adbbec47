{{ config(
    incremental_strategy='touched_coding_sessions',
    indexes=[
        {'columns': ['event_id'], 'unique': true},
        {'columns': ['session_id']},
        {'columns': ['event_date']},
    ],
) }}

with carried as (

    select * from {{ ref('int_coding_sessions_carried') }}
    where {{ in_touched_coding_sessions() }}

),

all_events as (

    select * from {{ ref('stg_qwen_code__events') }}
    where {{ in_touched_coding_sessions() }} and event_name = 'tool_call'

),

events as (

    select
        all_events.*,
        -- NULL when the client says neither.
        coalesce(
            all_events.fields -> 'success' = 'true'::jsonb,
            all_events.fields ->> 'status' = 'success'
        ) as is_success,
        coalesce(all_events.fields ->> 'status' = 'cancelled', false) as is_cancelled
    from all_events
    inner join carried
        on
            all_events.session_id = carried.session_id
            and all_events.carrier = carried.carrier

),

final as (

    select
        event_id,
        session_id,
        prompt_id,
        load_id,
        fields ->> 'call_id' as call_id,
        fields ->> 'response_id' as response_id,
        coalesce(fields ->> 'function_name', '(unknown)') as tool_name,
        fields ->> 'tool_type' as tool_type,
        fields ->> 'mcp_server_name' as mcp_server_name,
        fields ->> 'status' as status,
        fields ->> 'decision' as decision,
        fields ->> 'error_type' as error_type,
        {{ field_number('duration_ms') }} as duration_ms,
        null::numeric as approval_wait_ms,
        {{ field_number('content_length') }} as content_length,
        {{ field_number('metadata.model_added_lines') }} as lines_added,
        {{ field_number('metadata.model_removed_lines') }} as lines_removed,
        {{ field_number('metadata.user_added_lines') }} as user_lines_added,
        {{ field_number('metadata.user_removed_lines') }} as user_lines_removed,
        is_success,
        is_cancelled,
        is_success is not null and not is_cancelled as is_outcome_known,
        occurred_at,
        {{ local_date('occurred_at') }} as event_date
    from events

)

select * from final
