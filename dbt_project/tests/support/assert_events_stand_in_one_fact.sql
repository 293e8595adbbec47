-- One row per event of the loads this build read first that stands in the event facts more
-- than once. Loads before them were tested by the builds that read them.
with

builds as (
    select * from {{ ref('stg_casebook__builds') }}
),

events as (
    select
        producer,
        event_id,
        occurred_at,
        load_id
    from {{ ref('fct_messages') }}
    union all
    select
        producer,
        event_id,
        occurred_at,
        load_id
    from {{ ref('fct_queries') }}
    union all
    select
        producer,
        event_id,
        occurred_at,
        load_id
    from {{ ref('fct_ai_calls') }}
    union all
    select
        producer,
        event_id,
        occurred_at,
        load_id
    from {{ ref('fct_api_errors') }}
)

select
    producer,
    event_id,
    occurred_at,
    count(*) as row_count
from events
where load_id > (select after_load_id from builds)
group by producer, event_id, occurred_at
having count(*) > 1
