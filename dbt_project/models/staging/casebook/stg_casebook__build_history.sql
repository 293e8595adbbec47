with

builds as (
    select * from {{ source('casebook', 'builds') }}
),

final as (
    select
        build_id,
        after_load_id,
        max_load_id,
        business_timezone,
        definition_sha256,
        is_full_refresh,
        (as_of ->> 'support')::timestamptz as support_as_of,
        as_of,
        started_at,
        finished_at
    from builds
    where schema_suffix = '{{ env_var("DBT_CASEBOOK_SCHEMA_SUFFIX", "") }}'  -- noqa: LT05
)

select * from final
