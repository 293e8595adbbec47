{{ config(
    incremental_strategy='new_loads',
    indexes=[
        {'columns': ['trigger_job_id', 'version_number'], 'unique': true},
        {'columns': ['load_id'], 'type': 'brin'},
    ],
) }}

with versions as (

    select * from {{ ref('stg_ai_admin__versions') }}
    where
        table_name = 'ai_trigger_jobs'
        and {{ in_new_loads() }}

),

final as (

    select
        row_id as trigger_job_id,
        version_number,
        load_id,
        site_id,
        member_key,
        event_type,
        connector_type,
        app_chain,
        status,
        is_forced,
        created_at,
        started_at,
        finished_at,
        changed_at
    from versions

)

select * from final
