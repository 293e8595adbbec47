{#- The one pass over raw events that lateness and the span of days need. A quarter of an
    hour lies on one local day in every time zone. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='new_loads',
        indexes=[{'columns': ['load_id'], 'type': 'brin'}],
    )
}}

with

events as (
    select * from {{ ref('stg_support__events') }}
    where {{ in_new_loads() }}
),

counted as (
    select
        load_id,
        producer,
        count(*) as event_count,
        date_bin('15 minutes', occurred_at, '2000-01-01T00:00:00Z'::timestamptz) as quarter_at
    from events
    group by
        load_id,
        producer,
        date_bin('15 minutes', occurred_at, '2000-01-01T00:00:00Z'::timestamptz)
),

final as (
    select
        load_id,
        producer,
        event_count,
        quarter_at,
        {{ local_date('quarter_at') }} as event_date
    from counted
)

select * from final
