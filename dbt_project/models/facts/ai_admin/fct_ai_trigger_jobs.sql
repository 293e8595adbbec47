{{ config(
    unique_key='trigger_job_id',
    indexes=[
        {'columns': ['trigger_job_id'], 'unique': true},
        {'columns': ['business_date', 'site_id']},
    ],
) }}

with versions as (

    select * from {{ ref('fct_ai_trigger_job_versions') }}
    where {{ in_touched_ai_rows('ai_trigger_jobs', 'trigger_job_id') }}

),

calendars as (

    select * from {{ ref('int_ai_calendars_resolved') }}

),

statuses as (

    select * from {{ ref('ai_statuses') }}

),

builds as (

    select * from {{ ref('stg_casebook__builds') }}

),

numbered as (

    select
        *,
        row_number() over (partition by trigger_job_id order by version_number desc)
            as from_last
    from versions

),

final as (

    select
        numbered.trigger_job_id,
        numbered.site_id,
        numbered.member_key,
        numbered.event_type,
        numbered.connector_type,
        numbered.app_chain,
        numbered.status,
        coalesce(statuses.category, 'other') as status_category,
        numbered.version_number as version_count,
        extract(epoch from numbered.finished_at - numbered.started_at) as duration_seconds,
        extract(epoch from numbered.started_at - numbered.created_at) as queue_seconds,
        statuses.status is not null as is_status_known,
        coalesce(numbered.is_forced, false) as is_forced,
        numbered.created_at,
        numbered.started_at,
        numbered.finished_at,
        numbered.changed_at,
        {{ site_business_date('numbered.created_at') }} as business_date
    from numbered
    cross join builds
    left join calendars
        on numbered.site_id = calendars.site_id
    left join statuses
        on lower(trim(numbered.status)) = statuses.status
    where numbered.from_last = 1

)

select * from final
