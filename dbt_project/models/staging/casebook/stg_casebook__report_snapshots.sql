with

snapshots as (
    select * from {{ source('casebook', 'report_snapshots') }}
),

final as (
    select
        snapshot_id,
        build_id,
        nullif(site, '') as site,
        assumptions,
        numbers,
        is_complete,
        period_start,
        published_at
    from snapshots
)

select * from final
