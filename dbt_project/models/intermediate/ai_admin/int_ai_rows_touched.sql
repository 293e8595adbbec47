with versions as (

    select * from {{ ref('stg_ai_admin__versions') }}

),

new_versions as (

    select
        table_name,
        row_id,
        site_id
    from versions
    where {{ of_new_loads() }}

),

-- Another calendar moves a site's rows to other business days.
moved_sites as (

    select distinct site_id
    from new_versions
    where table_name = 'site_calendar'

),

final as (

    select
        table_name,
        row_id
    from new_versions
    where table_name in ('ai_run_logs', 'ai_trigger_jobs')
    union
    select
        versions.table_name,
        versions.row_id
    from versions
    inner join moved_sites
        on versions.site_id = moved_sites.site_id
    where versions.table_name in ('ai_run_logs', 'ai_trigger_jobs')

)

select * from final
