{{ config(
    incremental_strategy='all_rows',
    indexes=[{'columns': ['trigger_id'], 'unique': true}],
) }}

with rows_now as (

    select * from {{ ref('int_ai_rows_current') }}
    where table_name = 'trigger_jobs'

),

final as (

    select
        row_id as trigger_id,
        job_name,
        job_type,
        trigger_condition,
        trigger_config,
        status,
        description,
        coalesce(lower(trim(status)) = 'enabled', false) as is_enabled,
        last_run_at,
        next_run_at,
        changed_at
    from rows_now

)

select * from final
