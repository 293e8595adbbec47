{#- A gap belongs to the day of the next event that landed; a sequence that landed on two
    days counts on the earlier. Between a producer's ranges nothing else can be missing. A
    counter that jumps by more than a million million is broken; it counts as so many, which
    still adds up. -#}
{{ config(materialized='view') }}

with

ranges as (
    select * from {{ ref('int_sequence_ranges') }}
),

rejected_sequences as (
    select distinct
        producer,
        boot,
        sequence
    from {{ ref('stg_casebook__rejected_sequences') }}
),

chained as (
    select
        *,
        max(to_sequence) over (
            partition by producer, boot
            order by from_sequence, event_date
            rows between unbounded preceding and 1 preceding
        ) as previous_sequence
    from ranges
),

gaps as (
    select
        *,
        least(greatest(from_sequence - previous_sequence - 1, 0), 1000000000000)
            as missing_count,
        greatest(to_sequence - greatest(from_sequence - 1, previous_sequence), 0)
            as landed_count,
        row_number() over (order by producer, boot, from_sequence, event_date)
            as gap_number
    from chained
),

rejected as (
    select
        gaps.gap_number,
        count(*) as rejected_count
    from gaps
    inner join rejected_sequences
        on
            gaps.producer = rejected_sequences.producer
            and gaps.boot = rejected_sequences.boot
            and gaps.previous_sequence < rejected_sequences.sequence
            and gaps.from_sequence > rejected_sequences.sequence
    group by gaps.gap_number
),

final as (
    select
        gaps.producer,
        gaps.event_date,
        sum(gaps.landed_count + coalesce(gaps.missing_count, 0))::bigint
            as expected_events,
        sum(coalesce(gaps.missing_count, 0) - coalesce(rejected.rejected_count, 0))::bigint
            as lost_events,
        sum(coalesce(rejected.rejected_count, 0))::bigint as rejected_events
    from gaps
    left join rejected on gaps.gap_number = rejected.gap_number
    group by gaps.producer, gaps.event_date
)

select * from final
