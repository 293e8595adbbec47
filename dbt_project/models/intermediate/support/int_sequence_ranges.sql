{#- The set of sequences that landed, as ranges. Adding a sequence twice changes nothing,
    so what a killed build added does no harm. A boot without a name is ''. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['producer', 'boot', 'event_date'],
        indexes=[
            {
                'columns': [
                    'event_date',
                    'producer',
                    text_hash('boot'),
                    'from_sequence',
                ],
                'unique': true,
            },
        ],
    )
}}

with

blocks as (
    select
        producer,
        boot,
        block,
        bit_or(sequence_bits) as bits,
        event_date
    from {{ ref('int_arrivals_counted') }}
    where
        block is not null
        and {{ in_new_loads() }}
    group by producer, boot, block, event_date
),

-- Only blocks with a hole are taken apart again.
positions as (
    select generate_series(0, 63) as position
),

new_ranges as (
    select
        producer,
        boot,
        block * 64 as from_sequence,
        block * 64 + 63 as to_sequence,
        event_date
    from blocks
    where bits = -1
    union all
    select
        blocks.producer,
        blocks.boot,
        blocks.block * 64 + positions.position as from_sequence,
        blocks.block * 64 + positions.position as to_sequence,
        blocks.event_date
    from blocks
    cross join positions
    where
        blocks.bits <> -1
        and (blocks.bits >> positions.position) & 1 = 1
),

known_ranges as (
    select * from new_ranges
    {% if is_incremental() %}
        union all
        select
            producer,
            boot,
            from_sequence,
            to_sequence,
            event_date
        from {{ this }}
        where
            (producer, boot, event_date) in (
                select
                    producer,
                    boot,
                    event_date
                from blocks
            )
    {% endif %}
),

-- A range starts where no earlier one reaches up to it.
flagged as (
    select
        *,
        coalesce(
            from_sequence - 1 > max(to_sequence) over (
                partition by producer, boot, event_date
                order by from_sequence
                rows between unbounded preceding and 1 preceding
            ),
            true
        ) as is_start
    from known_ranges
),

numbered as (
    select
        *,
        count(*) filter (where is_start) over (
            partition by producer, boot, event_date
            order by from_sequence
            rows between unbounded preceding and current row
        ) as range_number
    from flagged
),

final as (
    select
        producer,
        boot,
        min(from_sequence) as from_sequence,
        max(to_sequence) as to_sequence,
        event_date
    from numbered
    group by producer, boot, event_date, range_number
)

select * from final
