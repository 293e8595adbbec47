-- One row per ended session, started on a day this build recomputed, with more time before
-- the escalation, in the queue and held by agents than it lasted: what is left between
-- them, when nobody held it, cannot be less than nothing. Clocks may differ.
-- A release is no activity, so an agent may hold a session beyond its end by silence.
with

sessions as (
    select * from {{ ref('fct_sessions') }}
    where
        {{ is_touched_day('started_date') }}
        and ended_at is not null
        and taken_over_at >= started_at
        and (escalated_at is null or escalated_at between started_at and taken_over_at)
),

handlings as (
    select
        session_id,
        max(ended_at) as released_at
    from {{ ref('fct_session_handlings') }}
    group by session_id
),

measured as (
    select
        sessions.session_id,
        sessions.handle_seconds as held_seconds,
        extract(
            epoch from greatest(sessions.ended_at, handlings.released_at) - sessions.started_at
        ) as span_seconds,
        extract(
            epoch from
            coalesce(sessions.escalated_at, sessions.taken_over_at) - sessions.started_at
        ) as bot_seconds,
        case
            when sessions.queue_wait_source = 'measured' then sessions.queue_wait_seconds
            else 0
        end as queued_seconds
    from sessions
    inner join handlings on sessions.session_id = handlings.session_id
)

select *
from measured
where
    span_seconds - bot_seconds - queued_seconds - held_seconds
    < -extract(epoch from {{ clock_skew() }})
