with builds as (

    select * from {{ source('casebook', 'builds') }}

),

final as (

    select
        build_id,
        after_load_id,
        max_load_id,
        business_timezone,
        is_full_refresh,
        (as_of ->> 'support')::timestamptz as support_as_of,
        (previous_as_of ->> 'support')::timestamptz as previous_support_as_of,
        (as_of ->> 'qwen_code')::timestamptz as qwen_code_as_of,
        (as_of ->> 'coze_studio')::timestamptz as coze_studio_as_of,
        (as_of ->> 'ai_admin')::timestamptz as ai_admin_as_of
    from builds
    where schema_suffix = '{{ env_var("DBT_CASEBOOK_SCHEMA_SUFFIX", "") }}'  -- noqa: LT05
    order by build_id desc
    limit 1

)

select * from final
