with versions as (

    select * from {{ ref('stg_ai_admin__versions') }}
    where table_name not in ('ai_run_logs', 'ai_trigger_jobs')

),

numbered as (

    select
        *,
        row_number() over (partition by table_name, row_id order by version_number desc)
            as from_last
    from versions

),

final as (

    select
        table_name,
        row_id,
        version_number,
        site_id,
        app_type,
        target_id,
        area,
        day_cutoff,
        description,
        job_name,
        job_type,
        period,
        status,
        time_dimension,
        timezone,
        trigger_condition,
        trigger_config,
        token_limit,
        changed_at,
        created_at,
        expires_at,
        invalidated_at,
        last_run_at,
        next_run_at,
        valid_from,
        valid_from_at,
        valid_to,
        valid_to_at
    from numbered
    where
        from_last = 1
        and not is_deleted

)

select * from final
