{{ config(materialized='table') }}

with builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

touched as (

    select * from {{ ref('int_sessions_touched') }}

),

events as (

    select session_id, occurred_at from {{ ref('fct_messages') }}
    union all
    select session_id, occurred_at from {{ ref('fct_queries') }}
    union all
    select session_id, occurred_at from {{ ref('fct_ai_calls') }}
    union all
    select session_id, occurred_at from {{ ref('fct_api_errors') }}
    union all
    select session_id, occurred_at from {{ ref('int_session_marks_collected') }}

),

of_touched_sessions as (

    select occurred_at from events
    where session_id = any(array(select session_id from touched))

),

-- a call or an error need not name a session
without_session as (

    select occurred_at from {{ ref('stg_support__events') }}
    where
        session_id is null
        and event_name in ('api.coze_call', 'api.error')
        and load_id > (select after_load_id from builds)

),

final as (

    select
        (occurred_at at time zone (select business_timezone from builds))::date
            as touched_date
    from of_touched_sessions
    union
    select
        (occurred_at at time zone (select business_timezone from builds))::date
            as touched_date
    from without_session

)

select * from final
