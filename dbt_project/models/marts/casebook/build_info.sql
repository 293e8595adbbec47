{{ config(materialized='view') }}

with

table_builds as (
    select * from {{ table_builds() }}
),

builds as (
    select * from {{ ref('stg_casebook__build_history') }}
),

final as (
    select
        table_builds.table_schema,
        table_builds.table_name,
        builds.business_timezone,
        builds.definition_sha256,
        builds.build_id,
        builds.after_load_id,
        builds.max_load_id,
        builds.is_full_refresh,
        builds.as_of,
        builds.support_as_of,
        builds.started_at,
        builds.finished_at
    from table_builds
    inner join builds on table_builds.build_id = builds.build_id
)

select * from final
