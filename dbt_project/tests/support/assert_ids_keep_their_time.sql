-- One row per id of a new event that its producer also used at another time. A copy carries
-- the time of its original, so one of them is another event, or the clock was set between.
{{ config(severity='warn') }}

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
    from {{ ref('stg_support__events') }}
),

new_ids as (
    select distinct
        producer,
        event_id
    from events
    where load_id > (select after_load_id from builds)
)

select
    events.producer,
    events.event_id,
    count(distinct events.occurred_at) as time_count
from events
inner join new_ids
    on
        events.producer = new_ids.producer
        and events.event_id = new_ids.event_id
group by
    events.producer,
    events.event_id
having count(distinct events.occurred_at) > 1
