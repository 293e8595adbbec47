{#- The set of sequences that landed, as ranges. Adding a sequence twice changes nothing,
    so what a killed build added does no harm. A boot without a name is ''. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['producer', 'boot', 'event_date'],
        indexes=[{'columns': ['producer', 'boot', 'event_date']}],
    )
}}

with

new_sequences as (
    select
        producer,
        coalesce(boot, '') as boot,
        sequence as from_sequence,
        sequence as to_sequence,
        {{ local_date('occurred_at') }} as event_date
    from {{ ref('stg_support__events') }}
    where
        sequence is not null
        and {{ in_new_loads() }}
),

known_ranges as (
    select * from new_sequences
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
                from new_sequences
            )
    {% endif %}
),

-- A range starts where no earlier one reaches up to it.
flagged as (
    select
        *,
        coalesce(
            from_sequence > 1 + max(to_sequence) over (
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
