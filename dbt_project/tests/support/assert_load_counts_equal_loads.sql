-- One row per load, new to this build, whose counts per producer and day do not add up to
-- the lines it read.
with

builds as (
    select * from {{ ref('stg_casebook__builds') }}
),

counts as (
    select
        load_id,
        sum(line_count) filter (where outcome = 'landed') as landed_count,
        sum(line_count) filter (where outcome = 'duplicate') as duplicate_count,
        sum(line_count) filter (where outcome = 'quarantined') as quarantined_count
    from {{ ref('stg_casebook__load_counts') }}
    where load_id > (select after_load_id from builds)
    group by load_id
)

select
    loads.load_id,
    loads.read_count,
    counts.landed_count,
    counts.duplicate_count,
    counts.quarantined_count
from {{ ref('stg_casebook__loads') }} as loads
left join counts on loads.load_id = counts.load_id
where
    loads.load_id > (select after_load_id from builds)
    and (
        loads.landed_count <> coalesce(counts.landed_count, 0)
        or loads.duplicate_count <> coalesce(counts.duplicate_count, 0)
        or loads.quarantined_count <> coalesce(counts.quarantined_count, 0)
        or loads.read_count <> coalesce(counts.landed_count, 0)
        + coalesce(counts.duplicate_count, 0) + coalesce(counts.quarantined_count, 0)
    )
