{{ config(materialized='view') }}

with

builds as (
    select * from {{ ref('stg_casebook__builds') }}
),

final as (
    select
        as_ofs.source,
        builds.business_timezone,
        as_ofs.as_of
    from builds
    cross join lateral (
        values
        ('support', builds.support_as_of),
        ('qwen_code', builds.qwen_code_as_of),
        ('coze_studio', builds.coze_studio_as_of),
        ('ai_admin', builds.ai_admin_as_of)
    ) as as_ofs (source, as_of)
)

select * from final
