-- One row per id of a new event that its producer also used at another time. A copy carries
-- the time of its original, so one of them is another event, or the clock was set between.
-- Reads the index of the raw events alone: `event_key` is a hash of producer and id.
{{ config(severity='warn') }}

-- depends_on: {{ ref('stg_casebook__builds') }}

with

several_times as (
    select event_key
    from {{ source('support', 'raw_support_events') }}
    {% if not flags.FULL_REFRESH %}
        where
            event_key in (
                select new_events.event_key
                from {{ source('support', 'raw_support_events') }} as new_events
                where {{ of_new_loads() }}
            )
    {% endif %}
    group by event_key
    having min(occurred_at) < max(occurred_at)
)

select
    events.producer,
    events.event_id,
    count(*) as time_count
from {{ source('support', 'raw_support_events') }} as events
inner join several_times on events.event_key = several_times.event_key
group by events.producer, events.event_id
