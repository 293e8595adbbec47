{{ config(
    incremental_strategy='all_rows',
    indexes=[{'columns': ['site_id', text_hash('app_type')], 'unique': true}],
) }}

with sites as (

    select * from {{ ref('int_ai_sites_dated') }}
    where site_id not in ('(all)', 'unknown')

),

cells as (

    select * from {{ ref('ai_prewarm_cells') }}

),

builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

cache as (

    select * from {{ ref('int_ai_rows_current') }}
    where table_name = 'ai_cache'

),

-- An answer counts while it holds: neither thrown away nor expired by as_of.
held as (

    select
        cache.site_id,
        cache.app_type,
        cache.time_dimension,
        cache.area,
        max(cache.created_at) as created_at
    from cache
    cross join builds
    where
        (cache.invalidated_at is null or cache.invalidated_at > builds.ai_admin_as_of)
        and (cache.expires_at is null or cache.expires_at > builds.ai_admin_as_of)
    group by cache.site_id, cache.app_type, cache.time_dimension, cache.area

),

planned as (

    select
        sites.site_id,
        cells.app_type,
        count(*) as total_cells,
        count(held.created_at) as done_cells,
        max(held.created_at) as last_updated_at
    from sites
    cross join cells
    left join held
        on
            sites.site_id = held.site_id
            and cells.app_type = held.app_type
            and cells.time_dimension = held.time_dimension
            and cells.area = held.area
    group by sites.site_id, cells.app_type

),

-- Many of these and few done: the seed has not the back office's words.
unplanned as (

    select
        held.site_id,
        held.app_type,
        count(*) as unplanned_cells
    from held
    left join cells
        on
            held.app_type = cells.app_type
            and held.time_dimension = cells.time_dimension
            and held.area = cells.area
    where cells.app_type is null
    group by held.site_id, held.app_type

),

counted as (

    select
        planned.*,
        coalesce(unplanned.unplanned_cells, 0) as unplanned_cells
    from planned
    left join unplanned
        on
            planned.site_id = unplanned.site_id
            and planned.app_type = unplanned.app_type

),

final as (

    select
        site_id,
        coalesce(app_type, '(all)') as app_type,
        sum(total_cells)::bigint as total_cells,
        sum(done_cells)::bigint as done_cells,
        (sum(total_cells) - sum(done_cells))::bigint as missing_cells,
        sum(done_cells) / nullif(sum(total_cells), 0) as done_rate,
        sum(unplanned_cells)::bigint as unplanned_cells,
        max(last_updated_at) as last_updated_at
    from counted
    group by grouping sets ((site_id, app_type), (site_id))

)

select * from final
