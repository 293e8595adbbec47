{{ config(
    materialized='incremental',
    incremental_strategy='touched_coding_sessions',
    indexes=[{'columns': ['session_id'], 'unique': true}],
) }}

with events as (

    select * from {{ ref('stg_qwen_code__events') }}
    where {{ in_touched_coding_sessions() }}

),

counted as (

    select
        session_id,
        count(*) filter (
            where
            carrier = 'telemetry'
            and event_name in ('api_response', 'api_error', 'tool_call')
        ) as telemetry_call_count,
        count(*) filter (
            where
            carrier = 'recording'
            and event_name in ('api_response', 'api_error', 'tool_call')
        ) as recording_call_count,
        coalesce(sum({{ field_number('total_token_count') }}) filter (
            where carrier = 'telemetry' and event_name = 'api_response'
        ), 0) as telemetry_total_tokens,
        coalesce(sum({{ field_number('total_token_count') }}) filter (
            where carrier = 'recording' and event_name = 'api_response'
        ), 0) as recording_total_tokens,
        count(*) filter (where carrier = 'telemetry') as telemetry_event_count,
        (array_agg(client_version order by occurred_at desc, event_id collate "C") filter (
            where client_version is not null
        ))[1] as client_version,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at
    from events
    group by session_id

),

final as (

    select
        session_id,
        case
            when recording_call_count > telemetry_call_count then 'recording'
            else 'telemetry'
        end as carrier,
        client_version,
        telemetry_call_count,
        recording_call_count,
        telemetry_total_tokens,
        recording_total_tokens,
        telemetry_event_count > 0 as has_telemetry,
        started_at,
        ended_at
    from counted

)

select * from final
