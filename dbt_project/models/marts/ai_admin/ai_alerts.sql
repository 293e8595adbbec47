{{ config(
    incremental_strategy='all_rows',
    indexes=[{'columns': ['run_id'], 'unique': true}],
) }}

with runs as (

    select * from {{ ref('fct_ai_runs') }}
    where alert_status is not null or alert_opened_at is not null

),

final as (

    select
        run_id,
        site_id,
        app_type,
        status,
        status_category,
        alert_status,
        row_number() over (order by created_at desc nulls last, run_id asc) as recency,
        -- Only where the alert was seen waiting: else it was handled before we looked.
        case
            when is_alert_handling_observed
                then extract(
                    epoch from alert_handled_at
                    - case when is_alert_opening_observed then alert_opened_at else created_at end
                ) / 60.0
        end as minutes_to_acknowledge,
        coalesce(alert_status = 'pending', false) as is_open,
        is_alert_opening_observed,
        is_alert_handling_observed,
        created_at,
        alert_opened_at,
        alert_handled_at,
        business_date
    from runs

)

select * from final
