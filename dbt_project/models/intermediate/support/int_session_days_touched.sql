{{ config(
    materialized='incremental',
    incremental_strategy='all_rows',
) }}

-- nothing on a full refresh, which reads every day without asking
with builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

events as (

    select * from {{ ref('stg_support__events') }}

),

touched as (

    select * from {{ ref('int_sessions_touched') }}

),

session_events as (

    select
        session_id,
        occurred_at
    from {{ ref('fct_messages') }}
    union all
    select
        session_id,
        occurred_at
    from {{ ref('fct_queries') }}
    union all
    select
        session_id,
        occurred_at
    from {{ ref('fct_ai_calls') }}
    union all
    select
        session_id,
        occurred_at
    from {{ ref('fct_api_errors') }}
    union all
    select
        session_id,
        occurred_at
    from {{ ref('int_session_marks_collected') }}

),

-- all days from a session's first event to its last: what agents held or customers waited
-- for goes on between events
of_touched_sessions as (

    select
        generate_series(
            {{ local_date('min(occurred_at)') }},
            {{ local_date('max(occurred_at)') }},
            interval '1 day'
        )::date as touched_date
    from session_events
    where session_id in (select session_id from touched)
    group by session_id

),

-- what others' events or time change of a session counts on the day of its start
of_reassessed_sessions as (

    select sessions.started_at as occurred_at
    from {{ ref('int_sessions_timed') }} as sessions
    inner join {{ ref('int_sessions_reassessed') }} as reassessed
        on sessions.session_id = reassessed.session_id
    where not (select is_full_refresh from builds)

),

-- a call or an error need not name a session
without_session as (

    select occurred_at from events
    where
        session_id is null
        and event_name in ('api.coze_call', 'api.error')
        and {{ of_new_loads() }}
        and not (select is_full_refresh from builds)

),

touched_times as (

    select occurred_at from of_reassessed_sessions
    union all
    select occurred_at from without_session

),

final as (

    select touched_date from of_touched_sessions
    union
    select {{ local_date('occurred_at') }} as touched_date from touched_times

)

select * from final
