-- One row per ended session, started on a day this build recomputed, with more time before
-- the escalation, in the queue and held by agents than it lasted: what is left between
-- them, when nobody held it, cannot be less than nothing. Clocks may differ by 5 seconds.
with

sessions as (
    select
        *,
        extract(
            epoch from
            least(coalesce(escalated_at, taken_over_at), taken_over_at) - started_at
        ) as bot_seconds,
        case when queue_wait_source = 'measured' then queue_wait_seconds else 0 end
            as queued_seconds
    from {{ ref('fct_sessions') }}
    where
        {{ is_touched_day('started_date') }}
        and ended_at is not null
        and taken_over_at >= started_at
        and (escalated_at is null or escalated_at between started_at and taken_over_at)
)

select
    session_id,
    duration_seconds,
    bot_seconds,
    queued_seconds,
    handle_seconds
from sessions
where duration_seconds - bot_seconds - queued_seconds - handle_seconds < -5
