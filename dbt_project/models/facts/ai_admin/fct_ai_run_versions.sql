{{ config(
    incremental_strategy='new_loads',
    indexes=[
        {'columns': ['run_id', 'version_number'], 'unique': true},
        {'columns': ['load_id'], 'type': 'brin'},
    ],
) }}

with versions as (

    select * from {{ ref('stg_ai_admin__versions') }}
    where
        table_name = 'ai_run_logs'
        and {{ in_new_loads() }}

),

final as (

    select
        row_id as run_id,
        version_number,
        load_id,
        site_id,
        app_type,
        member_key,
        session_id,
        trigger_type,
        status,
        alert_status,
        tokens_used,
        latency_ms,
        created_at,
        finished_at,
        changed_at
    from versions

)

select * from final
