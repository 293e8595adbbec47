{#- The one pass over raw events that losses, lateness and the span of days need. A quarter of
    an hour lies on one local day in every time zone. The 64 sequences of a block are the bits
    of a number: one hash aggregate in place of a sort of every event. -#}
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
        coalesce(boot, '') as boot,
        sequence / 64 as block,
        count(*) as event_count,
        bit_or(1::bigint << (sequence % 64)::integer) as sequence_bits,
        date_bin('15 minutes', occurred_at, '2000-01-01T00:00:00Z'::timestamptz) as quarter_at
    from events
    group by
        load_id,
        producer,
        coalesce(boot, ''),
        sequence / 64,
        date_bin('15 minutes', occurred_at, '2000-01-01T00:00:00Z'::timestamptz)
),

final as (
    select
        *,
        {{ local_date('quarter_at') }} as event_date
    from counted
)

select * from final
