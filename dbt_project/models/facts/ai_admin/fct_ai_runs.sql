{{ config(
    unique_key='run_id',
    indexes=[
        {'columns': ['run_id'], 'unique': true},
        {'columns': ['business_date', 'site_id']},
    ],
) }}

with versions as (

    select * from {{ ref('fct_ai_run_versions') }}
    where {{ in_touched_ai_rows('ai_run_logs', 'run_id') }}

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
        row_number() over (partition by run_id order by version_number desc) as from_last
    from versions

),

-- What happened to the alert, as far as versions show it.
alerts as (

    select
        run_id,
        count(*) as version_count,
        min(changed_at) filter (where alert_status is not null) as alert_opened_at,
        min(version_number) filter (where alert_status = 'pending') as pending_version,
        min(version_number) filter (where alert_status in ('acknowledged', 'ignored'))
            as handled_version,
        min(changed_at) filter (where alert_status in ('acknowledged', 'ignored'))
            as alert_handled_at
    from versions
    group by run_id

),

final as (

    select
        numbered.run_id,
        numbered.site_id,
        numbered.app_type,
        numbered.member_key,
        numbered.session_id,
        numbered.trigger_type,
        numbered.status,
        coalesce(statuses.category, 'other') as status_category,
        numbered.alert_status,
        -- 0 on success is unmeasured.
        case
            when numbered.tokens_used = 0 and statuses.category = 'success' then null
            else numbered.tokens_used
        end as tokens,
        numbered.latency_ms,
        alerts.version_count,
        statuses.status is not null as is_status_known,
        statuses.category = 'success' and coalesce(numbered.tokens_used, 0) = 0
            as is_tokens_unmeasured,
        coalesce(alerts.pending_version < alerts.handled_version, false)
            as is_alert_handling_observed,
        numbered.created_at,
        numbered.finished_at,
        alerts.alert_opened_at,
        alerts.alert_handled_at,
        numbered.changed_at,
        {{ site_business_date('numbered.created_at') }} as business_date
    from numbered
    inner join alerts
        on numbered.run_id = alerts.run_id
    cross join builds
    left join calendars
        on numbered.site_id = calendars.site_id
    left join statuses
        on lower(trim(numbered.status)) = statuses.status
    where numbered.from_last = 1

)

select * from final
