{{ config(materialized='view') }}

with

snapshots as (
    select * from {{ ref('stg_casebook__report_snapshots') }}
),

builds as (
    select * from {{ ref('stg_casebook__build_history') }}
),

numbers as (
    select
        snapshots.snapshot_id,
        each.key,
        each.value
    from snapshots
    cross join jsonb_each_text(snapshots.numbers) as each (key, value)
),

final as (
    select
        snapshots.snapshot_id,
        builds.build_id,
        snapshots.site,
        split_part(numbers.key, '.', 1) as mart,
        split_part(numbers.key, '.', 2) as metric,
        builds.definition_sha256,
        builds.business_timezone,
        numbers.value::numeric as metric_value,
        builds.max_load_id,
        snapshots.is_complete,
        snapshots.period_start,
        builds.support_as_of,
        snapshots.published_at
    from snapshots
    inner join builds on snapshots.build_id = builds.build_id
    inner join numbers on snapshots.snapshot_id = numbers.snapshot_id
)

select * from final
