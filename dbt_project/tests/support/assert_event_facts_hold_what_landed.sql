-- One row per load, new to this build, of which the event facts hold more rows, or fewer, than
-- events of their kinds landed. Loads before were tested by the builds that read them.
with

builds as (
    select * from {{ ref('stg_casebook__builds') }}
),

landed as (
    select
        load_id,
        count(*) as event_count
    from {{ ref('stg_support__events') }}
    where
        load_id > (select after_load_id from builds)
        and event_name in (
            'session.message',
            'agent.session_message',
            'query.order',
            'query.tracking',
            'api.coze_call',
            'api.error'
        )
    group by load_id
),

facts as (
    select load_id
    from {{ ref('fct_messages') }}
    union all
    select load_id
    from {{ ref('fct_queries') }}
    union all
    select load_id
    from {{ ref('fct_ai_calls') }}
    union all
    select load_id
    from {{ ref('fct_api_errors') }}
),

counted as (
    select
        load_id,
        count(*) as row_count
    from facts
    where load_id > (select after_load_id from builds)
    group by load_id
)

select
    load_id,
    landed.event_count,
    counted.row_count
from landed
full outer join counted using (load_id)
where landed.event_count is distinct from counted.row_count
