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
        nullif(lower(trim(alert_status)), '') as folded_alert_status,
        row_number() over (partition by run_id order by version_number desc) as from_last,
        row_number() over (partition by run_id order by version_number) as from_first
    from versions

),

marked as (

    select
        *,
        lag(folded_alert_status) over (partition by run_id order by version_number)
            as alert_status_before
    from numbered

),

-- An alert that is opened again is another: the last one counts, if any was seen pending.
cycles as (

    select
        run_id,
        count(*) as version_count,
        max(from_first) filter (
            where
            folded_alert_status = 'pending'
            and alert_status_before is distinct from 'pending'
        ) as pending_from_first
    from marked
    group by run_id

),

-- What happened to the alert, as far as versions show it.
alerts as (

    select
        cycles.run_id,
        cycles.version_count,
        cycles.pending_from_first,
        min(marked.changed_at) filter (where marked.folded_alert_status is not null)
            as alert_opened_at,
        min(marked.changed_at) filter (
            where marked.folded_alert_status in ('acknowledged', 'ignored')
        ) as alert_handled_at
    from cycles
    inner join marked
        on
            cycles.run_id = marked.run_id
            and marked.from_first >= coalesce(cycles.pending_from_first, 1)
    group by cycles.run_id, cycles.version_count, cycles.pending_from_first

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
        numbered.folded_alert_status as alert_status,
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
        numbered.folded_alert_status in ('pending', 'acknowledged', 'ignored')
            as is_alert_status_known,
        -- The first version we have may be from long after its alert opened.
        coalesce(alerts.pending_from_first > 1, false) as is_alert_opening_observed,
        alerts.pending_from_first is not null and alerts.alert_handled_at is not null
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
