-- One row per load, new to this build, whose counts per producer and day do not add up to
-- the lines it read.
with

counts as (
    select
        load_id,
        sum(line_count) filter (where outcome = 'landed') as landed_count,
        sum(line_count) filter (where outcome = 'duplicate') as duplicate_count,
        sum(line_count) filter (where outcome = 'quarantined') as quarantined_count
    from {{ ref('stg_casebook__load_counts') }}
    where {{ of_new_loads() }}
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
    {{ of_new_loads("loads.load_id") }}
    and (
        loads.landed_count <> coalesce(counts.landed_count, 0)
        or loads.duplicate_count <> coalesce(counts.duplicate_count, 0)
        or loads.quarantined_count <> coalesce(counts.quarantined_count, 0)
        or loads.read_count <> coalesce(counts.landed_count, 0)
        + coalesce(counts.duplicate_count, 0) + coalesce(counts.quarantined_count, 0)
    )
