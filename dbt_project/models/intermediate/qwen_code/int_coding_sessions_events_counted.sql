{{ config(materialized='view') }}

with events as (

    select * from {{ ref('fct_coding_events') }}

),

final as (

    select
        session_id,
        (array_agg(
            fields ->> 'approval_mode' order by occurred_at desc, event_id collate "C" desc
        ) filter (where event_name = 'config'))[1] as approval_mode,
        count(*) filter (where event_name = 'loop_detected') as loop_count,
        count(*) filter (where event_name = 'chat.content_retry') as content_retry_count,
        nullif(count(*) filter (where event_name = 'api_retry'), 0) as api_retry_count,
        count(*) filter (where event_name = 'chat_compression') as compression_count,
        count(*) filter (
            where event_name = 'subagent_execution' and fields ->> 'status' = 'started'
        ) as subagent_run_count,
        count(*) filter (where event_name = 'slash_command') as slash_command_count,
        coalesce(bool_or(event_name in ('session.end', 'end_session')), false) as is_end_observed
    from events
    group by session_id

)

select * from final
