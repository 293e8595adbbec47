{#- One row per id of a new event of a source that its producer also used at another time. A
    copy carries the time of its original, so one of them is another event, or the clock was set
    between. Reads the index of the raw events alone: `event_key` is a hash of the identity. -#}
{% macro ids_with_several_times(source_name, table_name) -%}
    {%- set raw_events = source(source_name, table_name) -%}
    with

    several_times as (
        select event_key
        from {{ raw_events }}
        {% if not flags.FULL_REFRESH %}
            where
                event_key in (
                    select new_events.event_key
                    from {{ raw_events }} as new_events
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
    from {{ raw_events }} as events
    inner join several_times on events.event_key = several_times.event_key
    group by events.event_key, events.producer, events.event_id
{%- endmacro %}
